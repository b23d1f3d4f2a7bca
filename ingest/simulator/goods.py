"""Goods, carriers and crews of the simulated fleet. Carriers and people are invented."""

# UN number, name, hazard class (GB 12268)
GOODS = (
    ("UN1093", "丙烯腈", "3"),
    ("UN1203", "汽油", "3"),
    ("UN1114", "苯", "3"),
    ("UN1230", "甲醇", "3"),
    ("UN2055", "苯乙烯", "3"),
    ("UN1307", "二甲苯", "3"),
    ("UN1075", "液化石油气", "2.1"),
    ("UN1017", "氯", "2.3"),
    ("UN1040", "环氧乙烷", "2.3"),
    ("UN1005", "液氨", "2.3"),
    ("UN1830", "硫酸", "8"),
    ("UN1824", "氢氧化钠溶液", "8"),
)
CARRIERS = tuple(
    (f"C{number:03d}", f"{name}（示例）")
    for number, name in enumerate(
        ("甬海化运有限公司", "蛟川物流有限公司", "东海危运有限公司", "招宝山运输有限公司", "四明储运有限公司",
         "三江化工物流有限公司", "澥浦运输有限公司", "湾塘危货运输有限公司"), 1)
)  # fmt: skip
FAMILY_NAMES = "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = "伟强军勇杰涛明超建平志刚海波林峰亮斌辉鹏"
CONSIGNORS = ("镇海石化（示例）", "宁波液化（示例）", "东海化工（示例）", "甬江储运（示例）")
