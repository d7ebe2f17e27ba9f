"""All handlers of the directory in one table."""

from microgov.contracts import directory as d
from microgov.services.chassis.service import Service, reads
from microgov.services.gateway.door.refused_attempts import attempts
from microgov.services.gateway.model import Base, Grant, Held, Person, Place, Rule

service = Service(
    name="directory",
    base=Base,
    handlers={
        d.DefinePlace: Place.define,
        d.RegisterPerson: reads(Person.register, lambda m: [(Person, m.subject), (Place, m.data.place)]),
        d.GrantRole: reads(
            Held.grant,
            lambda m: [
                (Person, m.subject),
                (Place, m.data.place),
                (Held, (m.subject, m.data.role.value, m.data.place)),
            ],
        ),
        d.RevokeRole: Held.revoke,
        d.GrantPublisher: Grant.grant,
        d.WithdrawPublisher: Grant.withdraw,
        d.ChangeRules: Rule.change,
    },
    questions={d.ListAttempts: attempts},
)
