"""Each person's share of the archive."""

from __future__ import annotations

import asyncio

import pytest

from viewer.turnstile import AT_ONCE, WAITING, CrowdedError, Turnstile


def test_the_thirteenth_waits_until_a_place_comes_back() -> None:
    async def story() -> None:
        turnstile = Turnstile()
        tickets = [await turnstile.enter("rita") for _ in range(AT_ONCE)]
        waiting = asyncio.create_task(turnstile.enter("rita"))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        tickets[0].give_back()
        (await waiting).give_back()
        for ticket in tickets:
            ticket.give_back()
        assert turnstile.present("rita") == 0

    asyncio.run(story())


def test_another_person_is_not_held_up() -> None:
    async def story() -> None:
        turnstile = Turnstile()
        for _ in range(AT_ONCE):
            await turnstile.enter("rita")
        await asyncio.wait_for(turnstile.enter("renee"), 0.1)

    asyncio.run(story())


def test_too_many_are_turned_away() -> None:
    async def story() -> None:
        turnstile = Turnstile()
        for _ in range(AT_ONCE):
            await turnstile.enter("rita")
        waiting = [asyncio.create_task(turnstile.enter("rita")) for _ in range(WAITING)]
        await asyncio.sleep(0.01)
        with pytest.raises(CrowdedError):
            await turnstile.enter("rita")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert turnstile.present("rita") == AT_ONCE

    asyncio.run(story())


def test_giving_back_twice_frees_one_place() -> None:
    async def story() -> None:
        turnstile = Turnstile()
        first, *_others = [await turnstile.enter("rita") for _ in range(AT_ONCE)]
        first.give_back()
        first.give_back()
        await turnstile.enter("rita")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(turnstile.enter("rita"), 0.02)

    asyncio.run(story())
