"""The table is the standard's: held against pynetdicom's reading of PS3.8, written by others."""

from __future__ import annotations

from pynetdicom import fsm

from worklist.upper.states import ACTIONS, NAMES, TRANSITIONS, Event, State


def test_the_table_is_pynetdicoms_cell_by_cell() -> None:
    theirs = {(int(event[3:]), int(state[3:])): name for (event, state), name in fsm.TRANSITION_TABLE.items()}
    ours = {(int(event), int(state)): name for (event, state), name in NAMES.items()}
    assert ours == theirs
    assert len(ours) == 123


def test_every_action_leads_where_pynetdicoms_leads() -> None:
    assert set(ACTIONS) == set(fsm.ACTIONS)
    for name, action in ACTIONS.items():
        states = {action.state, *([action.otherwise.state] if action.otherwise else [])}
        theirs = fsm.ACTIONS[name][2]
        expected = {theirs} if isinstance(theirs, str) else set(theirs)
        assert {f"Sta{int(state)}" for state in states} == expected, name


def test_states_and_events_are_those_of_the_standard() -> None:
    assert {f"Sta{int(state)}" for state in State} == set(fsm.STATES)
    assert {f"Evt{int(event)}" for event in Event} == set(fsm.EVENTS)


def test_every_event_from_the_peer_has_an_action_in_every_state_of_an_open_connection() -> None:
    peers = {event for event in Event if event.name.startswith("PDU_")} | {Event.TRANSPORT_CLOSED}
    unreached = {State.IDLE, State.AWAITING_TRANSPORT}
    missing = [(event, state) for event in peers for state in State if state not in unreached
               and (event, state) not in TRANSITIONS]  # fmt: skip
    assert missing == []
