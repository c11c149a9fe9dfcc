"""For which case or task an officer reads: said once, written down with every read (R38)."""

from __future__ import annotations

from spean.web.frame.pages import Answer, Pages
from spean.web.frame.visit import Visit, local_path
from spean.web.places.sign_in import resumed

pages = Pages()


@pages.post("/task")
def say(visit: Visit) -> Answer:
    """From now on reads are for this."""
    visit.say_task(visit.typed("task"))
    return resumed(visit, local_path(visit.typed("back", "/")), proved=True)
