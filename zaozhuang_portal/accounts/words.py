"""What the audit log calls acts and kinds. Each app adds its own words in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Mapping

ACTIONS: dict[str, str] = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_out": "退出登录",
    "change_password": "修改密码",
    "activate_user": "激活账号",
    "create_user": "建立账号",
    "update_user": "修改人员信息",
    "disable_user": "停用账号",
    "enable_user": "启用账号",
    "dismiss_user": "办理离岗",
    "reset_sign_in": "重置登录",
    "add_membership": "登记任职",
    "end_membership": "结束任职",
    "switch_capacity": "切换身份",
    "enroll_second_factor": "启用两步验证",
    "drop_second_factor": "停用两步验证",
    "bind_identity": "绑定统一身份",
    "unbind_identity": "解绑统一身份",
    "lift_lockout": "解除锁定",
    "load_organizations": "载入机构树",
    "edit_body": "修改三方机构",
    "edit_seat": "调整席位",
    "add_member_unit": "添加成员单位",
    "edit_member_unit": "修改成员单位",
    "add_seat": "增设席位",
    "remove_seat": "取消席位",
    "add_park": "添加工业园区",
    "import_users": "导入用户",
    "request_account_act": "申请办理账号事项",
    "approve_account_act": "批准账号事项",
    "refuse_account_act": "不予批准账号事项",
    "withdraw_account_act": "撤回账号事项申请",
    "expire_account_act": "账号事项申请过期",
    "do_account_act": "办理账号事项",
    "break_glass": "应急启用账号",
}
KINDS: dict[str, str] = {
    "User": "用户",
    "AccountRequest": "账号审批",
    "Organization": "单位",
    "DataCheck": "数据核查",
    "TripartiteBody": "三方机构",
}


# What an entry says changed, where the name is no field of the model (whose own words come first).
CHANGES: dict[str, str] = {
    "asked": "询问",
    "bodies_created": "新建三方机构",
    "bounds": "目标",
    "capacity": "身份",
    "comment": "说明",
    "contact": "经办人",
    "content_hash": "内容指纹",
    "created": "新增",
    "deleted": "删除",
    "document": "文号",
    "document_number": "文号",
    "due": "截止日期",
    "due_on": "截止日期",
    "ends_on": "结束日期",
    "errors": "错误",
    "filed_on": "报送日期",
    "files": "文件",
    "filters": "筛选条件",
    "follow_up_done_on": "跟进完成日期",
    "follow_up_note": "跟进情况",
    "joined": "加入",
    "kept": "保留",
    "late": "逾期",
    "members": "成员",
    "membership": "任职",
    "memberships": "任职",
    "missing": "缺项",
    "opinion": "意见",
    "owner": "归属",
    "person": "人员",
    "qualification": "结果",
    "restored": "恢复",
    "rows": "行数",
    "self_score": "自评得分",
    "separate": "分别计数",
    "sha256": "数据指纹",
    "signed_by": "签署人",
    "signed_version": "所签版次",
    "source_document": "补录来源",
    "state": "状态",
    "subjects": "对象",
    "told": "通知",
    "unchanged": "不变",
    "unit": "单位",
    "updated": "更新",
    "valid_from": "起始日期",
}


def register_audit_words(
    *,
    actions: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    changes: Mapping[str, str] | None = None,
) -> None:
    """Chinese words for the action, kind and change codes an app passes to record_audit; a test finds one without."""
    ACTIONS.update(actions or {})
    KINDS.update(kinds or {})
    CHANGES.update(changes or {})


def code_of(words: Mapping[str, str], typed: str) -> str:
    """The code for a word as shown (登录 → sign_in); anything else is taken as a code."""
    return next((code for code, word in words.items() if word == typed), typed)
