"""What the company sells: products and services with list prices, costs and brands."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.plan import Plan

CARS, MAINTENANCE, REPAIRS, TYRES, ACCESSORIES, INSURANCE, FINANCING = (
    "整车 Cars",
    "保养 Maintenance",
    "维修 Repairs",
    "轮胎 Tyres",
    "用品 Accessories",
    "保险 Insurance",
    "金融 Financing",
)


@dataclass(frozen=True)
class Product:
    """One product: list price in yuan, cost as a share of it, weight among its like."""

    name: str
    category: str
    brand: str
    price: float
    cost: float
    weight: float


PRODUCTS: tuple[Product, ...] = (
    Product("恒信 A1 紧凑型 Compact A1", CARS, "恒信 Hengxin", 89_800, 0.925, 22),
    Product("恒信 B3 轿车 Sedan B3", CARS, "恒信 Hengxin", 138_800, 0.93, 24),
    Product("恒信 E1 电动小车 Electric E1", CARS, "恒信 Hengxin", 108_800, 0.935, 16),
    Product("恒信 E5 电动轿车 Electric sedan E5", CARS, "恒信 Hengxin", 189_800, 0.935, 10),
    Product("远航 X5 越野 SUV X5", CARS, "远航 Yuanhang", 168_800, 0.93, 18),
    Product("远航 X7 大型越野 Large SUV X7", CARS, "远航 Yuanhang", 258_800, 0.925, 5),
    Product("远航 M6 商务车 Van M6", CARS, "远航 Yuanhang", 209_800, 0.93, 5),
    Product("小保养 Oil service", MAINTENANCE, "恒信 Hengxin", 468, 0.50, 46),
    Product("大保养 Major service", MAINTENANCE, "恒信 Hengxin", 1_380, 0.48, 22),
    Product("年检代办 Inspection service", MAINTENANCE, "恒信 Hengxin", 320, 0.40, 12),
    Product("空调清洗 Air-conditioning service", MAINTENANCE, "恒信 Hengxin", 298, 0.42, 10),
    Product("精致洗车 Hand wash", MAINTENANCE, "恒信 Hengxin", 58, 0.50, 4),
    Product("漆面护理 Paint care", MAINTENANCE, "恒信 Hengxin", 388, 0.42, 6),
    Product("钣金喷漆 Body and paint", REPAIRS, "恒信 Hengxin", 1_260, 0.56, 34),
    Product("制动维修 Brake repair", REPAIRS, "博驰 Bochi", 1_080, 0.58, 20),
    Product("蓄电池更换 Battery replacement", REPAIRS, "博驰 Bochi", 780, 0.66, 20),
    Product("电路维修 Electrical repair", REPAIRS, "恒信 Hengxin", 560, 0.48, 18),
    Product("发动机维修 Engine repair", REPAIRS, "恒信 Hengxin", 3_900, 0.58, 8),
    Product("经济轮胎 Touring tyre", TYRES, "固行 Guxing", 420, 0.74, 60),
    Product("高性能轮胎 Performance tyre", TYRES, "固行 Guxing", 860, 0.72, 40),
    Product("脚垫 Floor mats", ACCESSORIES, "驰迅 Chixun", 298, 0.52, 16),
    Product("行车记录仪 Dash camera", ACCESSORIES, "睿视 Ruishi", 459, 0.62, 14),
    Product("儿童座椅 Child seat", ACCESSORIES, "睿视 Ruishi", 1_290, 0.60, 5),
    Product("机油 Engine oil", ACCESSORIES, "博驰 Bochi", 268, 0.60, 16),
    Product("雨刮 Wiper blades", ACCESSORIES, "博驰 Bochi", 119, 0.50, 18),
    Product("香薰 Air freshener", ACCESSORIES, "驰迅 Chixun", 79, 0.42, 14),
    Product("充电桩 Home charger", ACCESSORIES, "睿视 Ruishi", 2_380, 0.68, 3),
    Product("车顶箱 Roof box", ACCESSORIES, "驰迅 Chixun", 1_680, 0.62, 3),
    Product("手机支架 Phone holder", ACCESSORIES, "睿视 Ruishi", 59, 0.45, 11),
    Product("交强险 Compulsory insurance", INSURANCE, "安驰保险 Anchi", 950, 0.96, 30),
    Product("商业险 Comprehensive insurance", INSURANCE, "安驰保险 Anchi", 3_600, 0.87, 70),
    Product("金融服务费 Financing fee", FINANCING, "恒信金融 Hengxin Finance", 1_800, 0.35, 110),
    Product("车贷24期 Car loan 24 months", FINANCING, "恒信金融 Hengxin Finance", 0, 0, 0),
    Product("车贷36期 Car loan 36 months", FINANCING, "恒信金融 Hengxin Finance", 0, 0, 0),
    Product("车贷48期 Car loan 48 months", FINANCING, "恒信金融 Hengxin Finance", 0, 0, 0),
    Product("购车储蓄 Car savings plan", FINANCING, "恒信金融 Hengxin Finance", 0, 0, 0),
    Product("服务套餐 Service plan", MAINTENANCE, "恒信 Hengxin", 0, 0, 0),
    Product("车队托管 Fleet care contract", MAINTENANCE, "恒信 Hengxin", 0, 0, 0),
    Product("制动片批次 Brake pads, batch", REPAIRS, "博驰 Bochi", 360, 0.60, 0),
)
PRICE = np.array([product.price for product in PRODUCTS])
COST = np.array([product.cost for product in PRODUCTS])
_NAMES = [product.name for product in PRODUCTS]
FEE = _NAMES.index("金融服务费 Financing fee")
LOANS = FEE + 1  # the three car loans, of 24, 36 and 48 months, follow the fee
SAVINGS, SERVICE_PLAN, FLEET_CARE, BATCH = range(LOANS + 3, LOANS + 7)
WASH = _NAMES.index("精致洗车 Hand wash")
OIL_SERVICE = _NAMES.index("小保养 Oil service")


def products_of(*categories: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the products of the categories that are sold, and their cumulative shares.

    Returns
    -------
    tuple
        Places in `PRODUCTS` ``(k,) int`` and rising shares ``(k,) float`` that end at 1.
    """
    found = [i for i, p in enumerate(PRODUCTS) if p.category in categories and p.weight > 0]
    weights = np.cumsum([PRODUCTS[i].weight for i in found])
    return np.array(found), weights / weights[-1]


def pick(random: np.ndarray, *categories: str) -> np.ndarray:
    """Return a product of the categories for each random number in [0, 1), ``(n,) int``."""
    places, shares = products_of(*categories)
    return places[np.searchsorted(shares, random, side="right").clip(max=len(places) - 1)]


def batch_name(plan: Plan) -> str:
    """Return the name of the bad batch, which carries its month."""
    month = plan.date_of(plan.accident_days[0])
    return f"制动片 {month:%y%m} 批次 Brake pads, batch {month:%y%m}"


def product_ids(picked: np.ndarray, known: np.ndarray | None = None) -> pa.Array:
    """Return the ids of products, such as P012; null where unknown."""
    return columns.ids("P", picked + 1, 3, known)


def product_table(plan: Plan) -> pa.Table:
    """Return the rows of ``products``."""
    names = [*_NAMES[:BATCH], batch_name(plan)]
    return columns.table(
        "products",
        product_id=product_ids(np.arange(len(PRODUCTS))),
        name=pa.array(names),
        category=pa.array([product.category for product in PRODUCTS]),
        brand=pa.array([product.brand for product in PRODUCTS]),
    )
