"""States of a job. Requester: the person. Worker: who holds the lease. Sweeper: the periodic sweep."""

from __future__ import annotations

from zaozhuang_portal.kernel.workflow import Transition, Workflow
from zaozhuang_portal.operations.enums import JobState

REQUESTER = "requester"
WORKER = "worker"
SWEEPER = "sweeper"


def _step(action: str, label: str, sources: set[str], target: str, roles: set[str]) -> Transition:
    return Transition(action, label, frozenset(sources), target, frozenset(roles))


JOB_WORKFLOW = Workflow(
    "任务",
    {state.value: str(state.label) for state in JobState},
    [
        _step("take", "开始", {JobState.PENDING}, JobState.RUNNING, {WORKER}),
        _step("finish", "完成", {JobState.RUNNING}, JobState.DONE, {WORKER}),
        _step("fail", "记为未完成", {JobState.RUNNING}, JobState.FAILED, {WORKER, SWEEPER}),
        _step("postpone", "稍后重做", {JobState.RUNNING}, JobState.PENDING, {WORKER, SWEEPER}),
        _step("stop", "停止", {JobState.RUNNING}, JobState.CANCELLED, {WORKER, SWEEPER}),
        _step("cancel", "取消", {JobState.PENDING}, JobState.CANCELLED, {REQUESTER}),
        # A running job is only asked; it stops between two batches.
        _step("cancel", "取消", {JobState.RUNNING}, JobState.RUNNING, {REQUESTER}),
        _step("retry", "重试", {JobState.FAILED, JobState.CANCELLED}, JobState.PENDING, {REQUESTER}),
        _step("expire", "清除文件", {JobState.DONE}, JobState.EXPIRED, {SWEEPER, REQUESTER}),
    ],
)
