"""News reach the tabs of a clip, from any thread; a tab that does not read is cut off and holds nobody up."""

import asyncio
from collections.abc import AsyncIterator
from threading import Thread

import pytest

from annotator_ui.events import EVERY, Hub, framed


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(stream), 5)


async def _seated(hub: Hub, clip: str = "one", tab: str = "a") -> AsyncIterator[bytes]:
    stream = hub.listen(clip, tab=tab)
    assert (await _next(stream)).startswith(b":")
    return stream


def test_a_tab_hears_what_another_thread_publishes() -> None:
    async def story() -> None:
        hub = Hub()
        stream = await _seated(hub)
        thread = Thread(target=hub.publish, args=("one", "state", {"head": 3}))
        thread.start()
        assert await _next(stream) == b'event: state\ndata: {"head":3}\n\n'
        thread.join()

    asyncio.run(story())


def test_news_of_a_clip_reach_its_own_tabs_in_their_order_and_no_others() -> None:
    async def story() -> None:
        hub = Hub()
        one, two = await _seated(hub), await _seated(hub, "two")
        for number in range(5):
            hub.publish("one", "n", {"n": number})
        hub.publish("two", "n", {"n": 9})
        heard = [await _next(one) for _ in range(5)]
        assert heard == [framed("n", {"n": number}) for number in range(5)]
        assert await _next(two) == framed("n", {"n": 9})

    asyncio.run(story())


def test_news_for_every_clip_reach_all_tabs() -> None:
    async def story() -> None:
        hub = Hub()
        streams = [await _seated(hub, clip) for clip in ("one", "two")]
        hub.publish(EVERY, "model", {"state": "ready"})
        assert {await _next(stream) for stream in streams} == {framed("model", {"state": "ready"})}

    asyncio.run(story())


def test_each_tab_can_be_told_something_of_its_own() -> None:
    async def story() -> None:
        hub = Hub()
        mine, yours = await _seated(hub, tab="mine"), await _seated(hub, tab="yours")
        hub.publish_each("one", "claim", lambda tab: {"held": tab == "mine"})
        assert b"true" in await _next(mine)
        assert b"false" in await _next(yours)

    asyncio.run(story())


def test_the_tab_that_knows_already_is_left_out() -> None:
    async def story() -> None:
        hub = Hub()
        mine, yours = await _seated(hub, tab="mine"), await _seated(hub, tab="yours")
        hub.publish_others("one", "state", {"head": 2}, tab="mine")
        hub.publish("one", "state", {"head": 3})
        assert await _next(yours) == framed("state", {"head": 2})
        assert await _next(mine) == framed("state", {"head": 3}), "the first was not for it"

    asyncio.run(story())


def test_what_comes_first_comes_before_all_else() -> None:
    async def story() -> None:
        hub = Hub()
        stream = hub.listen("one", tab="a", first=[b"hello"])
        await _next(stream)
        hub.publish("one", "n", {})
        assert await _next(stream) == b"hello"
        assert await _next(stream) == framed("n", {})

    asyncio.run(story())


def test_a_silent_connection_shows_that_it_is_alive() -> None:
    async def story() -> None:
        hub = Hub(beat=0.01)
        stream = await _seated(hub)
        assert await _next(stream) == b": alive\n\n"
        assert await _next(stream) == b": alive\n\n"

    asyncio.run(story())


def test_a_tab_that_lags_too_far_is_cut_off_and_others_hear_on() -> None:
    async def story() -> None:
        hub = Hub(room=3)
        slow, quick = await _seated(hub), await _seated(hub)
        for number in range(10):
            hub.publish("one", "n", {"n": number})
            assert await _next(quick) == framed("n", {"n": number})
        with pytest.raises(StopAsyncIteration):
            await _next(slow)
        assert hub.listeners("one") == 1

    asyncio.run(story())


def test_a_tab_that_goes_is_forgotten() -> None:
    async def story() -> None:
        hub = Hub()
        stream = hub.listen("one", tab="a")
        await anext(stream)
        assert hub.listeners("one") == 1
        await stream.aclose()
        assert hub.listeners("one") == 0
        hub.publish("one", "n", {})

    asyncio.run(story())


def test_closing_ends_all_streams_and_takes_no_new_ones() -> None:
    async def story() -> None:
        hub = Hub()
        stream = await _seated(hub)
        hub.close()
        hub.close()
        with pytest.raises(StopAsyncIteration):
            await _next(stream)
        with pytest.raises(StopAsyncIteration):
            await _next(hub.listen("one", tab="b"))

    asyncio.run(story())


def test_a_tab_whose_loop_has_ended_disturbs_nobody() -> None:
    hub = Hub()

    async def left() -> AsyncIterator[bytes]:
        return await _seated(hub)

    loop = asyncio.new_event_loop()
    stream = loop.run_until_complete(left())
    loop.close()
    hub.publish("one", "n", {})
    assert hub.listeners("one") == 1
    del stream


def test_what_json_does_not_know_is_not_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        framed("n", {"n": float("nan")})
