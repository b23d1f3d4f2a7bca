// All words that scripts put on the live map.
export const TEXTS = {
  levels: { red: "红", orange: "橙", yellow: "黄", blue: "蓝" },
  states: ["行驶", "停留", "离线", "黄蓝预警", "红橙预警"],
  phases: ["境外", "入镇", "在镇", "出镇"],
  alertStates: { firing: "持续中", resolved: "已解除", withdrawn: "已撤销" },
  retrospective: "事后补判",
  link: { connecting: "正在连接", live: "实时 · 1 Hz", broken: "连接中断" },
  broken: (time) => `与服务器的实时连接已中断，正在自动重连；画面停留在 ${time}`,
  away: (time) => `数据库暂时没有响应，画面停留在 ${time}，恢复后自动继续`,
  failed: "地图数据读取失败，正在重试",
  attribution: "自有矢量底图（示例数据，非测绘成果）· WGS-84",
  weekdays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  lasted: (text) => `持续 ${text}`,
  fields: {
    carrier: "承运企业",
    goods: "货物",
    hazard: "危险类别",
    waybill: "电子运单",
    permit: "通行证",
    way: "起讫",
    speed: "车速",
    road: "道路",
    people: "人员",
    heard: "最近上报",
    tank: "罐体",
  },
  unregistered: "未备案车辆",
  noWaybill: "无有效运单",
  waybillValid: "有效",
  waybillOver: "已过期",
  noPermit: "无有效通行证",
  until: (date) => `至 ${date}`,
  noRoad: "不在已知道路上",
  noFix: "无定位",
  quantity: (tonnes) => `${tonnes} t`,
  hazardClass: (name) => `第 ${name} 类${HAZARDS[name] ? " " + HAZARDS[name] : ""}`,
  ago: (seconds) =>
    seconds < 60
      ? `${seconds} 秒前`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} 分钟前`
        : `${Math.floor(seconds / 3600)} 小时前`,
  duration: (seconds) =>
    seconds < 120
      ? `${seconds} 秒`
      : seconds < 7200
        ? `${Math.round(seconds / 60)} 分钟`
        : `${Math.round(seconds / 3600)} 小时`,
  evidence: "证据图",
  close: "关闭",
  more: (count) => `另有 ${count} 张`,
  blacklisted: "黑名单车辆",
  loading: "读取中…",
  cardFailed: "车辆资料读取失败，请稍后再点一次",
  illustrative: "（示例）",
};

const HAZARDS = {
  2.1: "易燃气体",
  2.2: "非易燃无毒气体",
  2.3: "毒性气体",
  3: "易燃液体",
  4.1: "易燃固体",
  4.2: "易自燃物质",
  4.3: "遇水放出易燃气体的物质",
  5.1: "氧化性物质",
  5.2: "有机过氧化物",
  6.1: "毒性物质",
  6.2: "感染性物质",
  7: "放射性物质",
  8: "腐蚀性物质",
  9: "杂项危险物质",
};
