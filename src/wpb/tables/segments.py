"""Tables of use by segment: who is in each segment, how much of each service they use, and what
programmes change.
"""

from wpb.tables.forecasting import PROGRAMME_KIND
from wpb.tables.schema import Column, TableSpec

FROM_SEGMENTS = "people_segments"
"""Written in place of an assumption: demographic growth of each activity is worked out from use by
segment.
"""

SEGMENT_PEOPLE = TableSpec(
    "segment_people",
    "People by segment and age",
    "How the people of each age band divide into segments in the base year; every person is in one"
    " segment. Records of people give it where growth asks for people_segments.",
    (
        Column("segment", "code", "Segment of the population, such as a condition"),
        Column("age_band", "code", "Age band, as in the population projection"),
        Column("people", "count", "People in the base year, part-years counted as parts"),
        Column("source", "text", "Where it was counted"),
    ),
    key=("segment", "age_band"),
    source="handbook 3.3.3 Tower Hamlets; req 180",
)

SEGMENT_USE = TableSpec(
    "segment_use",
    "Use of services by segment and age",
    "Units of each activity that a person of a segment and age band uses in a year. Records of"
    " people give it where growth asks for people_segments.",
    (
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "activity_type",
            "code",
            "Activity type or point of delivery; blank: every one of the service line without rows"
            " of its own",
            required=False,
        ),
        Column("segment", "code", "Segment, as in segment_people"),
        Column("age_band", "code", "Age band, as in segment_people"),
        Column("use_per_head", "count", "Units a person uses in a year"),
        Column("source", "text", "Where it was measured"),
    ),
    key=("service_line", "activity_type", "segment", "age_band"),
    source="handbook 3.3.3 Tower Hamlets; req 180",
)

SEGMENT_SHIFTS = TableSpec(
    "segment_shifts",
    "Programme effects on segments",
    "How a programme changes the use that a segment makes of a service, laid over the use it would"
    " otherwise make; nothing before its first year or after its last.",
    (
        Column("programme", "code", "Programme"),
        PROGRAMME_KIND,
        Column("service_line", "code", "Service line", refers_to="service_lines.service_line"),
        Column(
            "activity_type", "code", "Activity type; blank: all of the service line", required=False
        ),
        Column("segment", "code", "Segment; blank: all", required=False),
        Column("age_band", "code", "Age band; blank: all", required=False),
        Column("year", "year", "Year"),
        Column(
            "use_change",
            "rate",
            "Change in their use as a share of it in the year, for example -0.05",
        ),
        Column(
            "pounds_in",
            "choice",
            "Where its pounds are: in care_model_impacts already, or worked out from this row",
            choices=("care_model_impacts", "this_row"),
        ),
        Column("owner", "text", "Who delivers it"),
        Column("plan", "text", "How it will be realised"),
    ),
    key=("programme", "service_line", "activity_type", "segment", "age_band", "year"),
    source="handbook 3.3.3 Tower Hamlets, 3.5; req 182",
)

TABLES = (SEGMENT_PEOPLE, SEGMENT_USE, SEGMENT_SHIFTS)
