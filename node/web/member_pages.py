"""What the pages on which members do something share: who sits there, what she sent, where she comes to afterwards."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from node.domain.kind import Speaker
from node.errors import NodeError
from node.web.composing import Composing, Desk
from node.web.public import Public
from node.web.reception import Form, Reception
from node.web.sheets import is_local, words_of


@dataclass(frozen=True, slots=True)
class Question:
    """What a tap asks for besides: the name of the box, what the box and its page are called, and what the button says."""

    box: str
    title: str
    label: str
    button: str


class MemberPages:
    """Pages of members of one node. `place` is the entry of the main navigation that they stand in."""

    place = ""

    def __init__(self, reception: Reception, public: Public, composing: Composing) -> None:
        self._reception = reception
        self._public = public
        self._composing = composing
        self._doors = reception.doors
        self._reader = reception.doors.database.reader

    async def _seat(self, request: Request) -> Desk:
        """Who reads."""
        return await self._composing.desk(request, await self._reception.member(request, self.place))

    async def _posted(self, request: Request) -> tuple[Desk, Form, Speaker]:
        """Who sent a form of ours, what is in it, and in whose name she acts."""
        visit, form = await self._reception.posted(request, self.place)
        return await self._composing.desk(request, visit), form, self._reception.speaker(visit)

    def _back(self, form: Form, there: str, done: str) -> Response:
        """Back to where she came from, else `there`, which says what was done."""
        to = form["back"] if is_local(form["back"]) else there
        return RedirectResponse(f"{to}{'&' if '?' in to else '?'}done={done}", 303)

    async def _again(
        self,
        request: Request,
        desk: Desk,
        form: Form,
        error: NodeError,
        question: Question,
        **now: str,
    ) -> Response:
        """A form of one box once more, with what was typed into it and what was wrong beside it; all else goes along unseen, but
        for what is otherwise `now`."""
        unkept = (question.box, "csrf", "key")
        kept = {name: text for name, text in form.texts().items() if name not in unkept} | now
        return await self._reception.page(
            request,
            "again.html",
            desk.visit,
            status=error.status,
            tongue=desk.tongue,
            title=desk.tongue.say(question.title),
            action=request.url.path,
            box=question.box,
            label=desk.tongue.say(question.label),
            button=desk.tongue.say(question.button),
            typed=form[question.box],
            wrong=words_of(error, desk.tongue),
            kept=kept,
            key=form["key"],
            back=form["back"] if is_local(form["back"]) else self.place or "/home",
        )
