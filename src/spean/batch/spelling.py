"""Given names as they are called, and names in other scripts: what linkage takes from ``matching.names``."""

from __future__ import annotations

from functools import cache

_CALLED = """
thomas tom tommy|william will bill billy willie|robert bob rob bobby robbie|richard dick rick richie|john jack johnny|edward ed ned eddie
henry harry hal|james jim jimmy jamie|charles charlie chas chuck|joseph joe joey|george geo georgie|samuel sam sammy|benjamin ben benny
francis frank frankie|frederick fred freddie|albert bert bertie|alfred alf|alexander alex alec sandy|elizabeth liz beth betty eliza lizzie bess
margaret maggie meg peggy madge|mary molly polly|anne ann annie|david dave davy|daniel dan danny|michael mike mick|nicholas nick|peter pete
philip phil|stephen steve steven|andrew andy drew|anthony tony|christopher chris kit|matthew matt|nathaniel nat nathan|patrick pat paddy
walter walt wally|lawrence larry laurie|leonard len leo|gerald gerry jerry|geoffrey jeff geoff|douglas doug|donald don|kenneth ken|ronald ron
raymond ray|timothy tim|theodore ted theo|catherine kate cathy katherine kitty|dorothy dot dolly|sarah sally|susan sue susannah|isabella bella isabel
harriet hattie|louisa lou louise|victoria vicky|abraham abe|isaac ike|jacob jake|joshua josh|reginald reg|sidney sid|stanley stan|vincent vince
muhammad mohammad mohammed muhammed mohamad muhamad mohd muhd|jose pepe|francisco paco|maria ma
"""
"""Formal given names and what people of that name are called: common knowledge, no list of anybody's."""


@cache
def formal() -> dict[str, str]:
    """What people are called → the formal name."""
    found: dict[str, str] = {}
    for line in _CALLED.replace("\n", "|").split("|"):
        long, *short = line.split() or [""]
        found.update(dict.fromkeys(short, long))
    return found


def in_latin(name: str) -> str:
    """The likeliest Latin spelling of a name in any script, part by part."""
    from spean.matching.names.parts import read

    return " ".join(part.readings[0].latin if part.readings else part.written for part in read(name).parts)
