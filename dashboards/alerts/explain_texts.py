"""The sentences of an explanation, Chinese and English; what a rule says stands with the rule.

One table for both languages, as the rules carry theirs: `hazmat explain` and the evidence files need no page.
"""

LEVELS = {
    "zh": {"red": "【红】", "orange": "【橙】", "yellow": "【黄】", "blue": "【蓝】"},
    "en": {"red": "[RED]", "orange": "[ORANGE]", "yellow": "[YELLOW]", "blue": "[BLUE]"},
}

TEXTS = {
    "zh": {
        "rule": "规则：{name}（{id} 第 {version} 版，基础数据第 {registry} 版）。依据：{basis}。",
        "unknown_rule": "该规则已不在现行规则目录中。",
        "since": "自 {opened} 起符合条件，{held}于 {fired} 发出预警；最近一次符合：{last}；"
        "共 {fixes} 个定位。{worst}",
        "held_at_once": "即",
        "held_s": "持续 {seconds} 秒后",
        "held_fixes": "{fixes} 个定位符合后",
        "held_both": "持续 {seconds} 秒、{fixes} 个定位符合后",
        "worst": "最严重时：{value}。",
        "still": "仍在持续。",
        "ended": "已于 {at} 结束：{why}。",
        "end_cleared": "情形已消除",
        "end_gap": "终端长时间无定位，不再推定持续",
        "end_repaired": "补传定位后重新判定，条件不成立",
        "end_merged": "补传定位后重新判定，并入另一条预警",
        "end_rules_changed": "规则已变更",
        "ends_when": "解除条件：{what}。",
        "retrospective": "本预警由补传定位回溯得出，仅作证据，未实时提醒驾驶员。",
        "withdrawn": "本预警已撤销，记录予以保留。",
        "was": "补传定位前的记录：{state}，自 {opened_at} 起，{fired_at} 预警，{resolved_at} 结束，"
        "{fixes} 个定位。",
        "waybill": "电子运单",
        "permit": "通行证",
        "fence": "电子围栏",
        "none": "当时无有效运单",
        "waybill_line": "{waybill_no}：{goods_name}（{un_no}，{hazard_class} 类）{quantity_t} 吨，"
        "{origin} 至 {destination}，有效期 {valid_from} 至 {valid_to}",
        "permit_line": "{permit_no}，有效期 {valid_from} 至 {valid_to}",
        "fence_line": "{name}（{fence_id}），本版自 {valid_from} 起",
        "firing": "持续中",
        "resolved": "已解除",
        "state_withdrawn": "已撤销",
        "opened_at": "首次符合",
        "fired_at": "发出预警",
        "facts": "当时的事实",
        "documents": "当时的单证与围栏",
        "fixes": "前后的定位",
        "fix_head": "时间                 经度        纬度       车速",
    },
    "en": {
        "rule": "Rule: {name} ({id}, version {version}; registry version {registry}). Basis: {basis}.",
        "unknown_rule": "This rule is no longer in the catalogue.",
        "since": "The condition held from {opened}; {held} the alert fired at {fired}. "
        "Last hit: {last}; fixes in all: {fixes}. {worst}",
        "held_at_once": "with its first fix",
        "held_s": "after {seconds} s",
        "held_fixes": "after {fixes} fixes",
        "held_both": "after {seconds} s and {fixes} fixes",
        "worst": "At worst: {value}.",
        "still": "It is still going on.",
        "ended": "It ended at {at}: {why}.",
        "end_cleared": "the condition was cleared",
        "end_gap": "no fix for so long that it was not continued blindly",
        "end_repaired": "judged again with late fixes, the condition did not hold",
        "end_merged": "judged again with late fixes, it is part of another alert",
        "end_rules_changed": "the rules have changed",
        "ends_when": "What ends it: {what}.",
        "retrospective": "Found from fixes that came late: evidence, never told to the driver as a warning.",
        "withdrawn": "This alert was withdrawn; its record is kept.",
        "was": "Before late fixes came it read: {state}, from {opened_at}, fired {fired_at}, ended "
        "{resolved_at}, {fixes} fixes.",
        "waybill": "Waybill",
        "permit": "Permit",
        "fence": "Geofence",
        "none": "no waybill was in force",
        "waybill_line": "{waybill_no}: {goods_name} ({un_no}, class {hazard_class}), {quantity_t} t, "
        "{origin} to {destination}, valid {valid_from} to {valid_to}",
        "permit_line": "{permit_no}, valid {valid_from} to {valid_to}",
        "fence_line": "{name} ({fence_id}), this version since {valid_from}",
        "firing": "going on",
        "resolved": "ended",
        "state_withdrawn": "withdrawn",
        "opened_at": "first hit",
        "fired_at": "fired",
        "facts": "Facts at that fix",
        "documents": "Documents and fence as they stood",
        "fixes": "Fixes before and after",
        "fix_head": "time                 lon         lat        km/h",
    },
}
