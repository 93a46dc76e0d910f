"""Tables of use by segment: who is in each segment, how much of each service they use, and what
programmes change.
"""

from wpb.tables.declared import Choice, Code, Count, Rate, Table, Text, Year
from wpb.tables.forecasting import PROGRAMME_KIND
from wpb.tables.rules import EveryYearBetween

FROM_SEGMENTS = "people_segments"
"""Written in place of an assumption: demographic growth of each activity is worked out from use by
segment.
"""


class SegmentPeople(
    Table,
    name="segment_people",
    title="People by segment and age",
    purpose="How the people of each age band divide into segments in the base year; every person is"
    " in one segment. Records of people give it where growth asks for people_segments.",
    source="handbook 3.3.3 Tower Hamlets; req 180",
):
    segment = Code("Segment of the population, such as a condition")
    age_band = Code("Age band, as in the population projection")
    people = Count("People in the base year, part-years counted as parts")
    source = Text("Where it was counted")
    one_row_per = (segment, age_band)


class SegmentUse(
    Table,
    name="segment_use",
    title="Use of services by segment and age",
    purpose="Units of each activity that a person of a segment and age band uses in a year."
    " Records of people give it where growth asks for people_segments.",
    source="handbook 3.3.3 Tower Hamlets; req 180",
):
    service_line = Code("Service line", refers_to="service_lines.service_line")
    activity_type = Code(
        "Activity type or point of delivery; blank: every one of the service line without rows"
        " of its own",
        required=False,
    )
    segment = Code("Segment, as in segment_people")
    age_band = Code("Age band, as in segment_people")
    use_per_head = Count("Units a person uses in a year")
    source = Text("Where it was measured")
    one_row_per = (service_line, activity_type, segment, age_band)


class SegmentShifts(
    Table,
    name="segment_shifts",
    title="Programme effects on segments",
    purpose="How a programme changes the use that a segment makes of a service, laid over the use"
    " it would otherwise make; nothing before its first year or after its last.",
    source="handbook 3.3.3 Tower Hamlets, 3.5; req 182",
):
    programme = Code("Programme")
    programme_kind = PROGRAMME_KIND
    service_line = Code("Service line", refers_to="service_lines.service_line")
    activity_type = Code("Activity type; blank: all of the service line", required=False)
    segment = Code("Segment; blank: all", required=False)
    age_band = Code("Age band; blank: all", required=False)
    year = Year("Year")
    use_change = Rate("Change in their use as a share of it in the year, for example -0.05")
    pounds_in = Choice(
        "Where its pounds are: in care_model_impacts already, or worked out from this row",
        choices=("care_model_impacts", "this_row"),
    )
    owner = Text("Who delivers it")
    plan = Text("How it will be realised")
    one_row_per = (programme, service_line, activity_type, segment, age_band, year)
    checks = (EveryYearBetween(year),)


TABLES = (SegmentPeople, SegmentUse, SegmentShifts)
