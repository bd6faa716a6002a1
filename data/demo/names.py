"""Names of people and companies, and what is said, in both languages. All are invented."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def _words(text: str) -> list[str]:
    return text.split(",")


SURNAMES = _words(
    "王 Wang,李 Li,张 Zhang,刘 Liu,陈 Chen,杨 Yang,黄 Huang,赵 Zhao,吴 Wu,周 Zhou,徐 Xu,孙 Sun,"
    "马 Ma,朱 Zhu,胡 Hu,郭 Guo,何 He,高 Gao,林 Lin,罗 Luo,郑 Zheng,梁 Liang,谢 Xie,宋 Song,"
    "唐 Tang,许 Xu,韩 Han,冯 Feng,邓 Deng,曹 Cao,彭 Peng,曾 Zeng,肖 Xiao,田 Tian,董 Dong,"
    "袁 Yuan,潘 Pan,于 Yu,蒋 Jiang,蔡 Cai,余 Yu,杜 Du,叶 Ye,程 Cheng,苏 Su,魏 Wei,吕 Lyu,"
    "丁 Ding,任 Ren,沈 Shen,欧阳 Ouyang"
)
GIVEN = _words(
    "伟 Wei,芳 Fang,娜 Na,敏 Min,静 Jing,丽 Li,强 Qiang,磊 Lei,军 Jun,洋 Yang,勇 Yong,艳 Yan,"
    "杰 Jie,娟 Juan,涛 Tao,明 Ming,超 Chao,霞 Xia,平 Ping,刚 Gang,婷 Ting,宇 Yu,浩 Hao,晨 Chen,"
    "雪梅 Xuemei,建国 Jianguo,志强 Zhiqiang,海燕 Haiyan,晓东 Xiaodong,丽华 Lihua,文博 Wenbo,"
    "雅琴 Yaqin,子轩 Zixuan,欣怡 Xinyi,梓涵 Zihan,浩然 Haoran,思远 Siyuan,佳琪 Jiaqi,俊杰 Junjie,"
    "雨桐 Yutong,诗涵 Shihan,天宇 Tianyu,嘉豪 Jiahao,若曦 Ruoxi,明哲 Mingzhe,慧敏 Huimin,"
    "国栋 Guodong,春梅 Chunmei,立新 Lixin,晓燕 Xiaoyan,振华 Zhenhua,淑芬 Shufen,一鸣 Yiming,"
    "可心 Kexin,博文 Bowen,静怡 Jingyi"
)
INTERNATIONAL_FIRST = _words(
    "Emma,Liam,Sofia,Noah,Olivia,Lucas,Mia,Ethan,Hannah,Daniel,Chloé,Matteo,Anna,Pavel,Yuki,Haruto,"
    "Minji,Jisoo,Priya,Arjun,Fatima,Omar,Ingrid,Søren,Zoë,Diego,Camila,Thomas,Grace,Samuel"
)
INTERNATIONAL_LAST = _words(
    "Müller,Schneider,Dubois,Moreau,Rossi,García,Silva,Johnson,Williams,O'Brien,Novák,Kowalski,"
    "Ivanova,Tanaka,Sato,Kim,Park,Sharma,Patel,Haddad,Hansen,Lindqvist,van Dijk,Fernández,Costa,"
    "Nguyen,Tan,Lim,Wong,Taylor"
)
COMPANY_PLACE = _words(
    "上海,杭州,南京,苏州,广州,深圳,厦门,佛山,北京,天津,青岛,济南,成都,重庆,西安,昆明"
)
COMPANY_WORD = _words(
    "鼎盛,华瑞,中远达,嘉禾,宏图,金桥,联创,顺达,瑞丰,天成,博远,海川,东方捷,恒昌,新锐,云帆,佳和,百川,凌峰,启航"
)
COMPANY_TRADE = _words(
    "物流有限公司,租赁有限公司,建筑工程有限公司,科技有限公司,商贸有限公司,出租汽车有限公司,"
    "医药有限公司,食品有限公司,电力设备有限公司,旅行社有限公司"
)
COMPANY_INTERNATIONAL = _words(
    "Lindqvist Logistics,Harbour Freight Asia,Novák Industries,Blue Crane Travel,Tanaka Precision,"
    "Meridian Car Rental,Delta Foods China,Alpine Medical,Costa Trading,Northgate Engineering"
)

LEARNED = (
    "客户计划明年换车，关注电动车型",
    "客户孩子出生，考虑更大的车",
    "Asked about trade-in prices for the current car",
    "客户搬家，希望转到离家近的门店",
    "Company will add vehicles next quarter",
    "客户反映隔壁品牌保养更便宜",
    "Prefers messages to calls, evenings only",
    "客户介绍了一位准备买车的同事",
    "Lease of the second car ends in spring",
    "客户询问延长质保的价格",
)
SAID = (
    "回访上次保养情况，客户表示满意",
    "提醒保险到期，客户会考虑",
    "Reminder of the coming inspection; will book online",
    "节日问候，简单聊了近况",
    "Follow-up after repair, noise is gone",
    "邀请参加周末试驾活动",
    "Explained the new service plan",
    "客户正忙，约定下周再联系",
)
PROMISED = (
    "周五前回复配件到货时间",
    "Call back with the price of the service plan",
    "到店免费检查异响",
    "Deliver the missing floor mats",
    "为客户保留周六上午的工位",
    "Send the invoice by e-mail",
    "三天内给出赔付方案",
    "Refund the overcharged amount",
)
COMPLAINED = {
    "quality": ("保养后刹车有异响", "Brakes squeal since the last visit", "喷漆有色差"),
    "service": ("接待态度冷淡", "Nobody called back as agreed", "多次转接没有人负责"),
    "waiting": ("预约了还等两个小时", "Waited long although on time"),
    "price": ("线上线下价格不一致", "The bill was higher than the quote"),
    "delivery": ("交车时间一再推迟", "Accessories arrived late"),
}
COMMENTS = {
    "good": ("服务周到，会再来", "Quick and friendly", "顾问很专业", "Car came back clean"),
    "middle": ("还可以，等得有点久", "Fine, but prices went up", "一般"),
    "bad": ("问题没有解决", "Nobody listened", "价格偏高，态度一般", "I will look elsewhere"),
}
DEPARTED = {
    "product_quality": ("同一故障修了三次", "Same fault three times"),
    "service_quality": ("投诉没人理", "My complaint was never answered"),
    "innovation": ("没有我要的电动车型", "No electric model that suits me"),
    "market_control": (
        "别的门店同样项目便宜很多",
        "The same job is cheaper elsewhere in the group",
    ),
    "employee_left": ("熟悉的顾问走了，跟她去了别家", "Our adviser left, we went with her"),
    "new_temptation": ("竞争对手送三年保养", "A competitor gives three years of free service"),
    "new_demand": ("需要上门取送车，你们没有", "We need pick-up and delivery"),
    "inner_change": ("搬到外地了", "Sold the car"),
    "unknown": ("", ""),
}


def people(random: np.random.Generator, count: int) -> tuple[pa.Array, pa.Array]:
    """Return names of persons, and what stands before the @ of their e-mail addresses."""
    chinese, latin = _split(SURNAMES)
    given, given_latin = _split(GIVEN)
    surname, first = (
        random.integers(len(SURNAMES), size=count),
        random.integers(len(GIVEN), size=count),
    )
    local = pc.binary_join_element_wise(  # pyright: ignore[reportAttributeAccessIssue]
        chinese.take(pa.array(surname)), given.take(pa.array(first)), ""
    )
    mail = pc.binary_join_element_wise(  # pyright: ignore[reportAttributeAccessIssue]
        latin.take(pa.array(surname)), given_latin.take(pa.array(first)), "."
    )
    abroad = pc.binary_join_element_wise(  # pyright: ignore[reportAttributeAccessIssue]
        pa.array(INTERNATIONAL_FIRST).take(
            pa.array(random.integers(len(INTERNATIONAL_FIRST), size=count))
        ),
        pa.array(INTERNATIONAL_LAST).take(
            pa.array(random.integers(len(INTERNATIONAL_LAST), size=count))
        ),
        " ",
    )
    from_abroad = pa.array(random.random(count) < 0.05)
    return pc.if_else(from_abroad, abroad, local), pc.utf8_lower(mail)  # pyright: ignore[reportAttributeAccessIssue]


def companies(random: np.random.Generator, count: int) -> pa.Array:
    """Return names of companies."""
    local = pc.binary_join_element_wise(  # pyright: ignore[reportAttributeAccessIssue]
        *(
            pa.array(pool).take(pa.array(random.integers(len(pool), size=count)))
            for pool in (COMPANY_PLACE, COMPANY_WORD, COMPANY_TRADE)
        ),
        "",
    )
    abroad = pa.array(COMPANY_INTERNATIONAL).take(
        pa.array(random.integers(len(COMPANY_INTERNATIONAL), size=count))
    )
    return pc.if_else(pa.array(random.random(count) < 0.08), abroad, local)  # pyright: ignore[reportAttributeAccessIssue]


def _split(pool: list[str]) -> tuple[pa.Array, pa.Array]:
    pairs = [entry.split(" ") for entry in pool]
    return pa.array([pair[0] for pair in pairs]), pa.array([pair[1] for pair in pairs])
