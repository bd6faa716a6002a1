"""The tables a company may bring: columns, types, units, keys, and what each means in both languages.

Only ``orders`` is required; every other table lights up more figures. Money is ``decimal(18, 4)``
in the one currency of the books. Columns marked ``personal`` never enter the versioned facts: they
live in tables without history, so that a person can be forgotten without touching past figures.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ColumnType = Literal[
    "id", "customer", "text", "date", "timestamp", "money", "number", "integer", "boolean"
]

ARROW_TYPES: dict[str, pa.DataType] = {
    "id": pa.string(),
    "customer": pa.string(),
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "money": pa.decimal128(18, 4),
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column a company may bring; ``unit`` where the type does not say it."""

    name: str
    type: ColumnType
    en: str
    zh: str
    required: bool = False
    personal: bool = False
    choices: tuple[str, ...] = ()

    @property
    def arrow_type(self) -> pa.DataType:
        """Type of the column as the company brings it (a customer is its own id, text)."""
        return ARROW_TYPES[self.type]

    @property
    def fact_name(self) -> str:
        """Name in the facts: customers stand there as integers given at first sight."""
        return self.name.removesuffix("_id") + "_key" if self.type == "customer" else self.name

    @property
    def fact_type(self) -> pa.DataType:
        """Type in the facts."""
        return pa.int64() if self.type == "customer" else self.arrow_type


@dataclass(frozen=True)
class TableSchema:
    """One table: its key names columns; ``dated_by`` is the day from which a row can be seen."""

    name: str
    en: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dated_by: str | None = None

    def column(self, name: str) -> Column:
        """Return the column called ``name``; raises KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which a row is rejected."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def fact_key(self) -> tuple[str, ...]:
        """The key as it stands in the facts."""
        return tuple(self.column(name).fact_name for name in self.key)

    @property
    def fact_columns(self) -> tuple[Column, ...]:
        """The columns that enter the versioned facts."""
        return tuple(column for column in self.columns if not column.personal)

    @property
    def personal_columns(self) -> tuple[Column, ...]:
        """The columns that are kept without history, apart from the facts."""
        return tuple(column for column in self.columns if column.personal)

    def fact_schema(self) -> pa.Schema:
        """Arrow schema of the table in the facts."""
        return pa.schema([(c.fact_name, c.fact_type) for c in self.fact_columns])

    def personal_schema(self) -> pa.Schema:
        """Arrow schema of what is kept apart: the fact key, then the personal columns."""
        key = [self.column(name) for name in self.key]
        return pa.schema(
            [(c.fact_name, c.fact_type) for c in key]
            + [(c.name, c.arrow_type) for c in self.personal_columns]
        )


def _c(
    name: str,
    type: ColumnType,
    en: str,
    zh: str,
    required: bool = False,
    personal: bool = False,
    choices: tuple[str, ...] = (),
) -> Column:
    return Column(name, type, en, zh, required, personal, choices)


# Attributes of a customer that hold from one day to another; all but the last are scopes.
ATTRIBUTES = ("region", "branch", "channel", "manager", "segment", "membership", "preferences")
SCOPES = ("region", "branch", "channel", "manager", "segment", "membership")

_TABLES = (
    TableSchema(
        "customers", "Customers, known by the company's own id", "客户主档", ("customer_id",),
        (
            _c("customer_id", "customer", "The company's own id of the customer", "客户编号", True),
            _c("name", "text", "Name", "姓名或名称", personal=True),
            _c("kind", "text", "Person or company", "个人或企业", choices=("person", "company")),
            _c("joined_on", "date", "Day the customer became known or joined", "建档日期"),
            _c("birthday", "date", "Birthday", "生日", personal=True),
            _c("phone", "text", "Telephone number", "电话", personal=True),
            _c("email", "text", "E-mail address", "电子邮箱", personal=True),
            _c("acquisition_cost", "money", "What winning the customer cost", "获客成本"),
            _c("may_contact", "boolean", "Whether the customer may be contacted", "是否允许联系"),
            _c("tags", "text", "Tags, separated by commas", "标签（逗号分隔）", personal=True),
        ),
    ),
    TableSchema(
        "customer_attributes", "What holds of a customer from one day to another", "客户属性（有效期）",
        ("customer_id", "attribute", "valid_from"),
        (
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("attribute", "text", "Which attribute", "属性名", True, choices=ATTRIBUTES),
            _c("value", "text", "Its value; empty ends the former one", "属性值"),
            _c("valid_from", "date", "First day it holds; undated ones hold from their import", "生效日期", True),
            _c("valid_to", "date", "First day it no longer holds", "失效日期"),
            _c("is_dated", "boolean", "False where the day is that of the import", "日期是否由公司提供"),
        ),
        "valid_from",
    ),
    TableSchema(
        "customer_merges", "Customers found to be one and the same", "客户合并",
        ("customer_id",),
        (
            _c("customer_id", "customer", "The id that is given up", "被合并的客户编号", True),
            _c("into_customer_id", "customer", "The id that stays", "保留的客户编号", True),
            _c("merged_on", "date", "Day of the merge", "合并日期"),
        ),
    ),
    TableSchema(
        "orders", "Sales, one row per order", "订单", ("order_id",),
        (
            _c("order_id", "id", "Order number", "订单号", True),
            _c("customer_id", "customer", "Customer; empty for sales without one", "客户编号"),
            _c("ordered_at", "timestamp", "When it was ordered, business time", "下单时间", True),
            _c("amount", "money", "Amount charged, discounts taken off", "订单金额", True),
            _c("cost", "money", "Cost of goods", "商品成本"),
            _c("discount", "money", "Discount given", "优惠金额"),
            _c("cancelled_at", "timestamp", "When it was cancelled", "取消时间"),
            _c("payment_method", "text", "Way of payment", "支付方式"),
            _c("promotion_id", "id", "Promotion it was bought on", "促销活动编号"),
            _c("branch", "text", "Branch of the order", "订单门店"),
            _c("region", "text", "Region of the order", "订单区域"),
            _c("channel", "text", "Channel of the order", "订单渠道"),
            _c("employee_id", "id", "Employee who served", "经办员工"),
            _c("currency", "text", "Currency (ISO 4217), if not that of the books", "币种"),
        ),
        "ordered_at",
    ),
    TableSchema(
        "order_lines", "What an order consists of", "订单明细", ("order_id", "line_id"),
        (
            _c("order_id", "id", "Order number", "订单号", True),
            _c("line_id", "id", "Line within the order", "行号", True),
            _c("product_id", "id", "Product", "产品编号"),
            _c("quantity", "number", "Quantity", "数量"),
            _c("amount", "money", "Amount charged for the line", "行金额", True),
            _c("discount", "money", "Discount given on the line", "行优惠"),
            _c("cost", "money", "Cost of goods of the line", "行成本"),
        ),
    ),
    TableSchema(
        "refunds", "Money given back, dated", "退款", ("refund_id",),
        (
            _c("refund_id", "id", "Refund number", "退款号", True),
            _c("refunded_at", "timestamp", "When it was given back", "退款时间", True),
            _c("amount", "money", "Amount given back, above 0", "退款金额", True),
            _c("order_id", "id", "Order it belongs to, if known", "原订单号"),
            _c("customer_id", "customer", "Customer", "客户编号"),
            _c("product_id", "id", "Product, if known", "产品编号"),
            _c("reason", "text", "Reason", "退款原因"),
        ),
        "refunded_at",
    ),
    TableSchema(
        "products", "Products and services", "产品", ("product_id",),
        (
            _c("product_id", "id", "Product number", "产品编号", True),
            _c("name", "text", "Name", "产品名称"),
            _c("category", "text", "Category", "品类"),
            _c("brand", "text", "Brand", "品牌"),
        ),
    ),
    TableSchema(
        "service_costs", "What serving a customer cost", "服务成本", ("cost_id",),
        (
            _c("cost_id", "id", "Row number", "编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("incurred_on", "date", "Day", "发生日期", True),
            _c("amount", "money", "Cost", "金额", True),
            _c("purpose", "text", "What for", "用途"),
        ),
        "incurred_on",
    ),
    TableSchema(
        "contracts", "Contracts that run from one day to another", "合同", ("contract_id",),
        (
            _c("contract_id", "id", "Contract number", "合同号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("started_on", "date", "First day it runs", "起始日期", True),
            _c("ended_on", "date", "Last day it runs; empty while open", "结束日期"),
            _c("is_renewed", "boolean", "Whether it was renewed", "是否续约"),
            _c("monthly_value", "money", "Value per month", "月度价值"),
            _c("end_cause", "text", "Why it ended", "终止原因"),
            _c("product_id", "id", "Product", "产品编号"),
        ),
        "started_on",
    ),
    TableSchema(
        "balances", "Balances of accounts (banks)", "余额", ("customer_id", "product_id", "balance_on"),
        (
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("product_id", "id", "Account or product", "账户或产品", True),
            _c("balance_on", "date", "Day", "日期", True),
            _c("balance", "money", "Balance at the end of the day", "余额", True),
            _c("income", "money", "Income earned since the row before", "期间收入"),
        ),
        "balance_on",
    ),
    TableSchema(
        "spend", "What was spent on winning and keeping customers", "客户投入", ("month", "purpose"),
        (
            _c("month", "date", "First day of the month", "月份", True),
            _c("purpose", "text", "Acquisition or retention", "用途", True, choices=("acquisition", "retention")),
            _c("amount", "money", "Amount", "金额", True),
        ),
        "month",
    ),
    TableSchema(
        "rates", "Rates of exchange into the currency of the books", "汇率", ("currency", "rate_on"),
        (
            _c("currency", "text", "Currency (ISO 4217)", "币种", True),
            _c("rate_on", "date", "Day from which the rate holds", "生效日期", True),
            _c("rate", "number", "Units of the books' currency for one unit", "汇率", True),
        ),
        "rate_on",
    ),
    TableSchema(
        "surveys", "Questions asked and answered", "问卷", ("survey_id",),
        (
            _c("survey_id", "id", "Row number: one question asked of one customer", "问卷编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("question", "text", "Question", "问题"),
            _c("instrument", "text", "Instrument", "量表", True,
               choices=("nps", "csat", "ces", "brand", "competitor", "price", "quality", "wallet", "other")),
            _c("scale_min", "number", "Lowest score of the scale", "最低分"),
            _c("scale_max", "number", "Highest score of the scale", "最高分"),
            _c("wave", "text", "Wave", "批次"),
            _c("asked_at", "timestamp", "When it was asked", "发出时间", True),
            _c("answered_at", "timestamp", "When it was answered; empty if not", "答复时间"),
            _c("score", "number", "Score", "得分"),
            _c("comment", "text", "Comment", "意见", personal=True),
            _c("order_id", "id", "Order it is about", "订单号"),
            _c("employee_id", "id", "Employee it is about", "相关员工"),
        ),
        "asked_at",
    ),
    TableSchema(
        "complaints", "Complaints and how they were resolved", "投诉", ("complaint_id",),
        (
            _c("complaint_id", "id", "Complaint number", "投诉编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("opened_at", "timestamp", "When it was opened", "受理时间", True),
            _c("first_response_at", "timestamp", "When it was first answered", "首次响应时间"),
            _c("resolved_at", "timestamp", "When it was resolved", "解决时间"),
            _c("reopened_at", "timestamp", "When it was opened again", "重开时间"),
            _c("category", "text", "Category", "类别"),
            _c("cause", "text", "Cause", "原因"),
            _c("severity", "integer", "Severity, 1 (slight) to 5", "严重程度（1–5）"),
            _c("compensation", "money", "Compensation paid", "赔付金额"),
            _c("product_id", "id", "Product", "产品编号"),
            _c("branch", "text", "Branch that answers for it", "责任门店"),
            _c("text", "text", "What was said", "投诉内容", personal=True),
        ),
        "opened_at",
    ),
    TableSchema(
        "contacts", "Visits, calls and messages to customers", "关怀联系", ("contact_id",),
        (
            _c("contact_id", "id", "Row number", "联系编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("employee_id", "id", "Employee", "员工"),
            _c("contacted_at", "timestamp", "When; empty while only planned", "联系时间"),
            _c("planned_on", "date", "Day it was planned for", "计划日期"),
            _c("channel", "text", "Channel", "联系方式"),
            _c("purpose", "text", "Purpose", "目的"),
            _c("is_reached", "boolean", "Whether the customer was reached", "是否联系上"),
            _c("has_learned", "boolean", "Whether something new was learned", "是否获得新信息"),
            _c("has_opportunity", "boolean", "Whether an opportunity was found", "是否发现商机"),
            _c("has_content", "boolean", "Whether anything was written down; told from the content", "是否有实质记录（由内容得出）"),
            _c("content", "text", "What was said", "联系内容", personal=True),
        ),
        "contacted_at",
    ),
    TableSchema(
        "promises", "Promises made to customers", "承诺", ("promise_id",),
        (
            _c("promise_id", "id", "Row number", "承诺编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("employee_id", "id", "Who promised", "承诺人"),
            _c("what", "text", "What was promised", "承诺内容", personal=True),
            _c("kind", "text", "Kind of promise", "承诺类型"),
            _c("promised_on", "date", "Day of the promise", "承诺日期", True),
            _c("due_on", "date", "Day it is due", "到期日", True),
            _c("kept_on", "date", "Day it was kept", "兑现日期"),
            _c("renegotiated_on", "date", "Day a new date was agreed", "改期日期"),
        ),
        "promised_on",
    ),
    TableSchema(
        "appointments", "Appointments, kept and missed", "预约", ("appointment_id",),
        (
            _c("appointment_id", "id", "Row number", "预约编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("scheduled_at", "timestamp", "When it was to start", "预约时间", True),
            _c("started_at", "timestamp", "When it started", "开始时间"),
            _c("finished_at", "timestamp", "When it ended", "结束时间"),
            _c("status", "text", "Kept, missed or cancelled; empty while open", "状态", choices=("kept", "missed", "cancelled")),
            _c("service", "text", "Service", "服务项目"),
            _c("branch", "text", "Branch", "门店"),
            _c("employee_id", "id", "Employee", "员工"),
        ),
        "scheduled_at",
    ),
    TableSchema(
        "key_dates", "Dates that matter: birthday, maturity, inspection, insurance, renewal", "关键日期",
        ("key_date_id",),
        (
            _c("key_date_id", "id", "Row number", "编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("kind", "text", "Kind", "类型", True,
               choices=("birthday", "maturity", "inspection", "insurance", "renewal", "maintenance")),
            _c("due_on", "date", "Day it is due", "到期日", True),
            _c("known_on", "date", "Day from which it was known", "登记日期"),
            _c("value", "money", "Value at stake", "涉及金额"),
            _c("product_id", "id", "Product or category", "产品或品类"),
        ),
        "known_on",
    ),
    TableSchema(
        "leads", "Prospects and their way to a purchase", "潜客线索", ("lead_id",),
        (
            _c("lead_id", "id", "Lead number", "线索编号", True),
            _c("customer_id", "customer", "Customer, once known", "客户编号"),
            _c("created_at", "timestamp", "When it came in", "进入时间", True),
            _c("source", "text", "Source", "来源"),
            _c("employee_id", "id", "Employee who handles it", "跟进员工"),
            _c("product_id", "id", "Product or class wanted", "意向产品"),
            _c("trial_at", "timestamp", "When a trial or test drive took place", "试用或试驾时间"),
            _c("converted_at", "timestamp", "When it became an order", "成交时间"),
            _c("lost_at", "timestamp", "When it was given up", "战败时间"),
            _c("lost_reason", "text", "Why it was given up", "战败原因"),
            _c("buyer_kind", "text", "Person or company", "个人或企业", choices=("person", "company")),
            _c("is_returning", "boolean", "Whether the buyer bought before", "是否再购客户"),
        ),
        "created_at",
    ),
    TableSchema(
        "lead_stages", "Moves of a lead from stage to stage", "线索阶段", ("lead_id", "moved_at"),
        (
            _c("lead_id", "id", "Lead number", "线索编号", True),
            _c("moved_at", "timestamp", "When it entered the stage", "进入阶段时间", True),
            _c("stage", "text", "Stage", "阶段", True),
            _c("employee_id", "id", "Employee", "员工"),
        ),
        "moved_at",
    ),
    TableSchema(
        "referrals", "Who was recommended by whom", "转介绍", ("referral_id",),
        (
            _c("referral_id", "id", "Row number", "转介编号", True),
            _c("customer_id", "customer", "Customer who recommends", "推荐人", True),
            _c("referred_customer_id", "customer", "Customer who was recommended, once known", "被推荐客户"),
            _c("employee_id", "id", "Employee who took it", "员工"),
            _c("referred_on", "date", "Day", "转介日期", True),
        ),
        "referred_on",
    ),
    TableSchema(
        "employees", "Employees who meet customers", "员工", ("employee_id",),
        (
            _c("employee_id", "id", "Employee number", "员工编号", True),
            _c("name", "text", "Name", "姓名"),
            _c("role", "text", "Role", "岗位"),
            _c("branch", "text", "Branch", "门店"),
            _c("joined_on", "date", "First day", "入职日期"),
            _c("left_on", "date", "Last day", "离职日期"),
        ),
    ),
    TableSchema(
        "points", "Points earned and spent", "积分", ("point_id",),
        (
            _c("point_id", "id", "Row number", "编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("booked_on", "date", "Day", "日期", True),
            _c("points", "number", "Points, negative when spent", "积分（消费为负）", True),
            _c("reason", "text", "What for", "事由"),
        ),
        "booked_on",
    ),
    TableSchema(
        "promotions", "Promotions and campaigns", "促销活动", ("promotion_id",),
        (
            _c("promotion_id", "id", "Promotion number", "活动编号", True),
            _c("name", "text", "Name", "活动名称"),
            _c("kind", "text", "Kind", "类型"),
            _c("started_on", "date", "First day", "开始日期"),
            _c("ended_on", "date", "Last day", "结束日期"),
            _c("cost", "money", "Cost", "费用"),
        ),
    ),
    TableSchema(
        "departures", "Reasons that lost customers gave", "流失原因", ("departure_id",),
        (
            _c("departure_id", "id", "Row number", "编号", True),
            _c("customer_id", "customer", "Customer", "客户编号", True),
            _c("stated_on", "date", "Day it was stated", "登记日期", True),
            _c("cause", "text", "Cause, from the tree", "原因", True,
               choices=("product_quality", "service_quality", "innovation", "market_control", "employee_left",
                        "new_temptation", "new_demand", "inner_change", "unknown")),
            _c("evidence", "text", "Stated, inferred or none", "依据", choices=("stated", "inferred", "none")),
            _c("note", "text", "Note", "备注", personal=True),
        ),
        "stated_on",
    ),
)  # fmt: skip

TABLES: dict[str, TableSchema] = {table.name: table for table in _TABLES}
