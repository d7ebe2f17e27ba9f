"""All handlers of the directory in one table."""

from microgov.contracts import directory
from microgov.services.chassis.service import Service, reads
from microgov.services.gateway.door.refused_attempts import attempts
from microgov.services.gateway.model import Base, Grant, GrantedRole, Person, Place, Rule

service = Service(
    name="directory",
    base=Base,
    handlers={
        directory.DefinePlace: Place.define,
        directory.RegisterPerson: reads(
            Person.register, lambda m: [(Person, m.subject), (Place, m.data.place)]
        ),
        directory.GrantRole: reads(
            GrantedRole.grant,
            lambda m: [
                (Person, m.subject),
                (Place, m.data.place),
                (GrantedRole, (m.subject, m.data.role.value, m.data.place)),
            ],
        ),
        directory.RevokeRole: GrantedRole.revoke,
        directory.GrantPublisher: Grant.grant,
        directory.WithdrawPublisher: Grant.withdraw,
        directory.ChangeRules: Rule.change,
    },
    questions={directory.ListAttempts: attempts},
)
