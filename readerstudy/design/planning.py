"""From a protocol and the cases at hand to the plan that an allocation is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .plan import AllocationPlan, PlannedArm, PlannedCase, PlannedReader
from .protocol import Protocol


def plan_for(
    protocol: Protocol,
    *,
    cases: Sequence[PlannedCase],
    available: Iterable[tuple[str, str]],
    practice_cases: Sequence[PlannedCase] = (),
    catch_cases: Sequence[PlannedCase] = (),
    reserve_cases: Sequence[PlannedCase] = (),
) -> AllocationPlan:
    """Return the plan of a protocol for these cases.

    Parameters
    ----------
    protocol : Protocol
        Gives readers, arms, slots, practice, repeats, session size and the rule for short cases.
    cases, practice_cases, catch_cases, reserve_cases : sequence of PlannedCase
        Codes and strata; a case belongs to one of the lists. Practice takes the first `practice.count`.
    available : iterable of (case code, arm code)
        Every validated mask.
    """
    return AllocationPlan(
        readers=tuple(PlannedReader(reader.label, reader.own_arm, reader.excluded_arms) for reader in protocol.readers),
        arms=tuple(PlannedArm(arm.code, arm.kind) for arm in protocol.arms),
        cases=tuple(cases),
        available=frozenset(available),
        slots=protocol.slots,
        practice_cases=tuple(practice_cases),
        practice=protocol.practice.count,
        repeats=protocol.repeats.count,
        repeat_gap=protocol.repeats.gap,
        catch_cases=tuple(catch_cases),
        reserve_cases=tuple(reserve_cases),
        short_cases=protocol.cases.short_cases,
        session_size=protocol.sessions.cases_per_session,
    )


def volume_thirds(volumes: dict[str, int]) -> dict[str, str]:
    """Return "small", "medium" or "large" for each case, by rank of its volume; equal volumes by code.

    Volumes are whole numbers (for example cubic millimetres) so that strata are exact on every machine.
    """
    ranked = sorted(volumes, key=lambda case: (volumes[case], case))
    names = ("small", "medium", "large")
    return {case: names[3 * rank // len(ranked)] for rank, case in enumerate(ranked)}
