"""What companies call things, in English and Chinese: column names and names of tables."""
# ruff: noqa: E501 - lists of words

import re

from core import schema

# Concepts that are no canonical column, but of which canonical values are made.
PRICE, STATUS, PRODUCT_NAME = "price", "status", "product_name"

COLUMNS: dict[str, str] = {
    "order_id": "order id, order no, order number, order, invoice, invoice no, invoice number, "
    "invoice id, basket id, basket, transaction id, transaction no, receipt, receipt no, ticket, "
    "bill no, document no, sales order, "
    "订单号, 订单编号, 订单id, 订单, 单号, 单据号, 销售单号, 小票号, 发票号, 流水号, 交易号, 交易编号",
    "line_id": "line id, line no, line number, line, item no, position, 行号, 明细号, 项次, 明细编号",
    "customer_id": "customer id, customer, cust id, customer no, customer number, customer code, "
    "client id, client, member id, member no, member, household id, household, user id, buyer id, "
    "buyer, account id, 客户编号, 客户号, 客户id, 客户代码, 客户, 会员号, 会员编号, 会员id, 会员卡号, 卡号, 用户id, "
    "用户编号, 顾客编号, 买家id",
    "ordered_at": "order date, invoice date, date, datetime, timestamp, transaction date, "
    "transaction time, transaction timestamp, purchase date, sale date, sales date, ordered at, "
    "order time, created at, paid at, booking date, day, 下单时间, 下单日期, 订单日期, 订单时间, 日期, 时间, "
    "交易时间, 交易日期, 销售日期, 销售时间, 成交日期, 成交时间, 购买日期, 购买时间, 消费日期, 消费时间, 开票日期, 支付时间",
    "amount": "amount paid, net amount, net sales, amount, sales value, order amount, line amount, "
    "line total, total amount, total, total price, extended price, revenue, sales, turnover, "
    "dollar value, dollars, value, net, payment amount, "
    "实付金额, 实付款, 实付, 成交金额, 消费金额, 销售金额, 订单金额, 销售额, 金额, 总金额, 合计, 总价, 小计, 应收金额, 应付金额",
    "quantity": "quantity, qty, units, pieces, number of items, 数量, 件数, 销量, 购买数量",
    PRICE: "price, unit price, price per unit, 单价, 售价, 价格, 销售单价",
    "discount": "discount, discount amount, rebate, 优惠, 优惠金额, 折扣金额, 折扣, 减免",
    "cost": "cost, cogs, cost of goods, unit cost, 成本, 商品成本, 成本金额",
    "product_id": "product id, stock code, sku, item id, item code, product code, product no, "
    "article, article no, upc, ean, barcode, 商品编号, 产品编号, 商品编码, 产品编码, 商品id, 货号, 条码, 款号",
    PRODUCT_NAME: "description, product name, item name, product, item, product description, "
    "商品名称, 产品名称, 品名, 商品, 产品, 商品描述",
    "category": "category, product category, department, category name, product type, "
    "品类, 类别, 分类, 商品类别, 产品类别, 大类",
    "brand": "brand, 品牌",
    "payment_method": "payment method, payment type, payment, pay type, 支付方式, 付款方式, 结算方式",
    "promotion_id": "promotion id, promotion, campaign id, coupon code, 促销活动编号, 活动编号, 活动id, 优惠券编号",
    "currency": "currency, currency code, 币种, 货币",
    STATUS: "status, order status, 订单状态, 状态, 交易状态",
    "cancelled_at": "cancelled at, canceled at, cancel date, cancellation date, 取消时间, 取消日期",
    "employee_id": "employee id, employee, salesperson, sales rep, staff id, staff, seller, cashier, "
    "员工编号, 员工, 员工号, 工号, 经办员工, 经办人, 销售员, 业务员, 导购, 店员, 收银员",
    "name": "name, customer name, company name, full name, contact name, 姓名, 名称, 客户名称, 客户姓名, 会员姓名, "
    "公司名称, 姓名或名称",
    "kind": "customer type, customer kind, kind, type, campaign type, 客户类型, 个人或企业, 类型, 活动类型",
    "joined_on": "joined on, join date, joined, registration date, registered, sign up date, "
    "signup date, member since, hire date, 建档日期, 注册时间, 注册日期, 入会日期, 入会时间, 开户日期, 开卡日期, 入职日期",
    "birthday": "birthday, birth date, date of birth, dob, 生日, 出生日期",
    "phone": "phone, mobile, tel, telephone, phone number, cell, 电话, 手机, 手机号, 手机号码, 联系电话",
    "email": "email, e mail, mail, email address, 邮箱, 电子邮箱, 电子邮件",
    "may_contact": "may contact, opt in, consent, marketing consent, 是否允许联系, 允许联系",
    "tags": "tags, labels, 标签",
    "acquisition_cost": "acquisition cost, cac, 获客成本",
    "region": "region, country, province, state, area, territory, city, ship country, "
    "区域, 地区, 省份, 省, 国家, 大区, 城市",
    "branch": "branch, store, store id, shop, outlet, dealer, branch name, 门店, 店铺, 网点, 支行, 分店, 门店编号, "
    "门店名称",
    "channel": "channel, sales channel, 渠道, 销售渠道, 订单渠道, 来源渠道",
    "manager": "manager, account manager, owner, relationship manager, 客户经理, 负责人, 归属人",
    "segment": "segment, customer segment, income, 客群, 分群, 客户分类, 客户分群",
    "membership": "membership, member level, membership level, level, tier, card type, "
    "会员等级, 会员级别, 等级, 卡类型",
    "preferences": "preferences, preference, 偏好, 兴趣",
    "started_on": "started on, start date, begin date, from, 开始日期, 起始日期, 开始时间",
    "ended_on": "ended on, end date, to, 结束日期, 终止日期, 结束时间",
    "due_on": "due on, due date, maturity date, expiry date, 到期日, 到期日期",
    "role": "role, title, job title, position, 岗位, 职位",
    "left_on": "left on, leave date, termination date, 离职日期",
    "refunded_at": "refunded at, refund date, return date, 退款时间, 退款日期, 退货日期",
    "refund_id": "refund id, refund no, return no, 退款号, 退款单号, 退货单号",
    "reason": "reason, 原因, 事由, 退款原因",
    "opened_at": "opened at, opened, complaint date, created, 受理时间, 投诉时间, 投诉日期",
    "resolved_at": "resolved at, resolved, closed at, 解决时间, 办结时间",
    "contacted_at": "contacted at, contact date, visit date, call date, 联系时间, 拜访时间, 回访时间",
    "score": "score, rating, answer, 得分, 评分",
    "asked_at": "asked at, sent at, survey date, 发出时间, 调查日期",
    "answered_at": "answered at, response date, 答复时间, 回答时间",
}

TABLES: dict[str, str] = {
    "order_lines": "order lines, order details, order items, line items, details, 订单明细, 销售明细, 明细",
    "orders": "orders, sales, transactions, invoices, purchases, 订单, 销售, 交易, 消费记录, 流水",
    "customers": "customers, clients, members, demographics, households, 客户, 会员, 客户主档, 客户档案, 用户",
    "products": "products, items, articles, goods, 产品, 商品, 商品档案",
    "employees": "employees, staff, sellers, 员工, 员工档案",
    "refunds": "refunds, returns, 退款, 退货",
    "promotions": "promotions, campaigns, campaign descriptions, 促销活动, 促销, 活动",
    "complaints": "complaints, tickets, 投诉",
    "contacts": "contacts, visits, calls, 关怀联系, 拜访, 回访, 联系记录",
    "surveys": "surveys, answers, nps, 问卷, 满意度",
    "contracts": "contracts, subscriptions, policies, 合同, 保单",
    "balances": "balances, accounts, 余额, 存款",
    "appointments": "appointments, bookings, 预约",
    "key_dates": "key dates, maturities, 关键日期, 到期提醒",
    "leads": "leads, prospects, 线索, 潜客, 潜客线索",
    "lead_stages": "lead stages, 线索阶段",
    "referrals": "referrals, 转介绍, 推荐",
    "promises": "promises, commitments, 承诺",
    "points": "points, loyalty points, 积分",
    "departures": "departures, churn reasons, 流失原因",
    "service_costs": "service costs, 服务成本",
    "spend": "spend, marketing spend, 客户投入, 营销投入",
    "rates": "rates, exchange rates, 汇率",
    "customer_merges": "customer merges, merges, 客户合并",
    "customer_attributes": "customer attributes, 客户属性, 客户属性有效期",
}


def plain(name: str) -> str:
    """Return a name without case, blanks, marks and the seams of CamelCase."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", "", apart).casefold()


_BY_NAME = {
    plain(name): (rank, concept)
    for concept, names in reversed(COLUMNS.items())
    for rank, name in enumerate(names.split(","))
}


def concept_of(column: str) -> tuple[int, str] | None:
    """Return how good a name ``column`` is (0 is best) and for which concept; None if unknown."""
    return _BY_NAME.get(plain(column))


def concepts(columns: list[str]) -> dict[str, list[str]]:
    """Return the columns of each concept, the best name first."""
    found: dict[str, list[tuple[int, str]]] = {}
    for column in columns:
        match = concept_of(column)
        if match is not None:
            found.setdefault(match[1], []).append((match[0], column))
    return {concept: [column for _, column in sorted(pairs)] for concept, pairs in found.items()}


def table_of(part: str) -> str | None:
    """Return the canonical table that a file, sheet or table is called after; None if none."""
    words = plain(re.sub(r"\.\w+$", "", part))
    best: tuple[int, str] | None = None
    for table, names in TABLES.items():
        for name in names.split(","):
            wanted = plain(name)
            if wanted in words and (best is None or len(wanted) > best[0]):
                best = (len(wanted), table)
    return best[1] if best else None


def canonical_match(table: str, columns: list[str]) -> dict[str, str]:
    """Return canonical column -> source column, by canonical names, labels and concepts."""
    by_name = {plain(column): column for column in columns}
    by_concept = concepts(columns)
    taken: dict[str, str] = {}
    for column in schema.TABLES[table].columns:
        short = re.sub(r"^(is|has)_|_(id|at|on)$", "", column.name)
        for name in (column.name, column.zh.partition("（")[0], column.en, short):
            source = by_name.get(plain(name))
            if source is not None and source not in taken.values():
                taken[column.name] = source
                break
        else:
            for source in by_concept.get(column.name, []):
                if source not in taken.values():
                    taken[column.name] = source
                    break
    return taken
