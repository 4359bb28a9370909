"""A made-up district year of the ledgers for the tests of sentences and tables."""

from __future__ import annotations

import copy

from reporting.rules.activities import ActivityFigures

_ACTIVITIES: ActivityFigures = {
    "mechanism": {
        "established": True,
        "vacant_seats": ["工商业联合会"],
        "bodies": {
            "label": "乡镇（街道）、工业园区",
            "numerator": 19,
            "denominator": 21,
            "rate": "90.5%",
            "missing": ["龙阳镇", "东郭镇"],
        },
        "coordinated": {
            "label": "乡镇（街道）、工业园区协调员",
            "numerator": 18,
            "denominator": 21,
            "rate": "85.7%",
            "missing": ["羊庄镇", "木石镇", "界河镇"],
        },
        "coordinators": 22,
        "instructors": 5,
        "liaised": 37,
        "answers": [
            {
                "label": "向党委政府主动汇报",
                "achieved": True,
                "on": "2026-03-10",
                "document_number": "滕政发〔2026〕4号",
            },
            {
                "label": "纳入经济社会发展总体规划",
                "achieved": False,
                "on": None,
                "document_number": "",
            },
            {
                "label": "纳入政府目标责任考核体系",
                "achieved": None,
                "on": None,
                "document_number": "",
            },
        ],
        "place_answers": [
            {
                "label": "向党委政府主动汇报",
                "numerator": 13,
                "denominator": 21,
                "rate": "61.9%",
                "missing": [],
            },
            {
                "label": "纳入经济社会发展总体规划",
                "numerator": 0,
                "denominator": 21,
                "rate": "0.0%",
                "missing": [],
            },
        ],
    },
    "work": {
        "plan_state": "已接收",
        "plan_missing": ["责任分工"],
        "plan_number": "滕劳三方〔2026〕2号",
        "plan_issued_on": "2026-02-20",
        "task_forces": ["企业培育工作小组", "园区、乡镇（街道）培育工作小组"],
        "items": 26,
        "done": 20,
        "open": 4,
        "overdue": 1,
        "cancelled": 2,
        "documents": 3,
        "reviews": 6,
    },
    "mediations": {
        "total": 29,
        "outcomes": ["调解成功", "调解不成", "转仲裁或诉讼", "调解中"],
        "lines": [
            {"label": "劳动报酬", "counts": [10, 1, 0, 0]},
            {"label": "社会保险", "counts": [15, 0, 3, 0]},
        ],
    },
    "advisories": {
        "total": 215,
        "outcomes": ["当场答复", "跟进后办结", "转其他部门", "办理中"],
        "lines": [{"label": "劳动合同", "counts": [200, 15, 0, 0]}],
    },
    "points": {
        "total": 2,
        "one_stop": 2,
        "smart": 1,
        "standardized": 2,
        "staff": 7,
        "visitors": 1576,
        "advisories": 344,
        "mediations": 67,
        "others": 0,
        "lines": [
            {
                "name": "荆河街道劳动关系公共服务站",
                "township": "荆河街道",
                "kinds": ["一站式", "智慧化", "标准化"],
                "staff": 4,
                "months": 10,
                "visitors": 814,
                "advisories": 212,
                "mediations": 31,
                "others": 0,
            },
            {
                "name": "龙泉街道劳动关系公共服务站",
                "township": "龙泉街道",
                "kinds": ["一站式", "标准化"],
                "staff": 3,
                "months": 9,
                "visitors": 762,
                "advisories": 132,
                "mediations": 36,
                "others": 0,
            },
        ],
    },
    "trainings": {
        "held": 2,
        "joined": 1,
        "managers": 12,
        "hr": 31,
        "others": 37,
        "firms": 5,
        "complete": 3,
        "topics": [
            {
                "label": "劳动关系法律法规和相关政策",
                "held": 0,
                "joined": 1,
                "people": 8,
                "reached": 3,
                "cultivated": 5,
            },
            {"label": "工资工时制度", "held": 1, "joined": 1, "people": 14, "reached": 4, "cultivated": 5},
            {
                "label": "企业民主管理制度和集体协商",
                "held": 0,
                "joined": 0,
                "people": 0,
                "reached": 0,
                "cultivated": 5,
            },
            {
                "label": "劳动争议预防调解",
                "held": 1,
                "joined": 0,
                "people": 21,
                "reached": 5,
                "cultivated": 5,
            },
        ],
        "lines": [
            {
                "title": "工资工时制度专题培训班",
                "on": "2026-05-05",
                "holder": "滕州市",
                "topics": ["工资工时制度"],
                "managers": 2,
                "hr": 7,
                "others": 19,
            }
        ],
    },
    "industry": {
        "pilots": [
            {
                "name": "锂电行业",
                "partners": 2,
                "authorities": 1,
                "members": 14,
                "standards": ["创建机制健全", "矛盾调处顺畅有效"],
                "summaries": 1,
                "spreads": 3,
            },
            {
                "name": "机床行业",
                "partners": 3,
                "authorities": 1,
                "members": 9,
                "standards": [],
                "summaries": 0,
                "spreads": 0,
            },
        ],
        "actions": 2,
        "studies": 4,
        "guides": 1,
    },
    "publicity": {
        "total": 13,
        "by_kind": [{"label": "主流媒体", "count": 8}, {"label": "新媒体", "count": 5}],
        "brands": ["善和滕州"],
        "stories": 2,
        "measured": [
            {
                "label": "认知度",
                "numerator": 364,
                "denominator": 480,
                "rate": "75.8%",
                "method": "线上问卷",
            }
        ],
    },
    "practices": {
        "lines": [
            {
                "title": "“三个一”协商机制",
                "subject": "山东喆昇机械有限公司",
                "summary": "每月恳谈、每季协商、每年职工代表大会。",
                "adopted": 4,
            }
        ],
        "uncited": 2,
    },
    "period": {
        "label": "第三季度",
        "lines": [
            {
                "group": "劳动合同和集体协商",
                "label": "劳动合同签订率",
                "numerator": "17433",
                "denominator": "18160",
                "unit": "人",
                "rate": "96.00%",
            },
            {
                "group": "劳动合同和集体协商",
                "label": "集体合同份数",
                "numerator": "177",
                "denominator": "",
                "unit": "份",
                "rate": "",
            },
            {
                "group": "劳动争议",
                "label": "争议结案率",
                "numerator": "798",
                "denominator": "840",
                "unit": "件",
                "rate": "95.00%",
            },
        ],
    },
    "culture": [{"label": "企业文化建设", "count": 2}, {"label": "关心关爱职工", "count": 3}],
}


def sample_activities() -> ActivityFigures:
    return copy.deepcopy(_ACTIVITIES)
