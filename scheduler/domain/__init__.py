"""The words of the field as frozen data; every room speaks them, none is imported here.

In: nothing. Out: dataclasses, the rule register, the message catalogue, canonical bytes.
May import: the standard library; :mod:`scheduler.domain.codec` alone also pydantic.
"""
