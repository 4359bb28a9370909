"""A state machine as a table: (state, action) -> roles and next state. Applied by one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import IllegalTransition, NotAllowed


@dataclass(frozen=True)
class Transition:
    action: str
    label: str
    sources: frozenset[str]
    target: str
    roles: frozenset[str]


class Workflow:
    """The declared transitions of one kind of record.

    Raises ValueError at import when two transitions with the same action share a source: an action must
    be unambiguous from a state.
    """

    def __init__(self, name: str, states: Mapping[str, str], transitions: Iterable[Transition]) -> None:
        self.name = name
        self.states = dict(states)
        self.transitions = tuple(transitions)
        self._by_key: dict[tuple[str, str], Transition] = {}
        for transition in self.transitions:
            for source in transition.sources:
                if source not in self.states or transition.target not in self.states:
                    raise ValueError(f"{name}: unknown state in {transition.action}")
                if (source, transition.action) in self._by_key:
                    raise ValueError(f"{name}: {transition.action} is ambiguous from {source}")
                self._by_key[source, transition.action] = transition

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(transition.action for transition in self.transitions))

    def sources(self, action: str) -> frozenset[str]:
        """The states from which this action goes, for conditions of queries."""
        return frozenset(source for source, known in self._by_key if known == action)

    def actions_for(self, state: str, role: str) -> list[Transition]:
        """The transitions this role may take from this state, in declared order."""
        return [t for t in self.transitions if state in t.sources and role in t.roles]

    def find(self, state: str, action: str, role: str) -> Transition:
        """The transition, or IllegalTransition / NotAllowed with a message for the person."""
        transition = self._by_key.get((state, action))
        if transition is None:
            label = next((t.label for t in self.transitions if t.action == action), action)
            raise IllegalTransition(
                f"{self.name}当前为“{self.states.get(state, state)}”，不能“{label}”。请刷新页面查看最新状态。"
            )
        if role not in transition.roles:
            raise NotAllowed(f"您当前的身份不能对{self.name}执行“{transition.label}”。")
        return transition

    def apply(
        self,
        record: Model,
        action: str,
        *,
        role: str,
        changes: Mapping[str, Any] | None = None,
        field: str = "state",
    ) -> Transition:
        """Move `record` by one conditional UPDATE (WHERE pk AND state); of two racing calls exactly one wins.

        `changes` are the columns that belong to the new state (dates, people). The instance is updated too.
        Raises IllegalTransition when the row has moved on in the meantime.
        """
        current = getattr(record, field)
        transition = self.find(current, action, role)
        values = {field: transition.target, **(changes or {})}
        updated = type(record)._default_manager.filter(pk=record.pk, **{field: current}).update(**values)
        if not updated:
            words = changed_since(f"{self.name}的状态", *_acting_and_last(record, values), "改变")
            raise IllegalTransition(f"{words}，请刷新页面后再操作。")
        for name, value in values.items():
            setattr(record, name, value)
        return transition


def _acting_and_last(record: Model, values: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Who acts now and who changed the row last, where the record keeps that (`updated_by`)."""
    acting = getattr(values.get("updated_by"), "pk", None)
    if acting is None:
        return None, None
    rows = type(record)._default_manager.filter(pk=record.pk)
    return acting, rows.values_list("updated_by_id", flat=True).first()
