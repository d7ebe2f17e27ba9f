"""`microgov backup`: backs up an installation while it runs, lists its backups, and verifies them."""

from microgov.commands import backup_create, backup_erasures, backup_key, backup_verify
from microgov.commands.base import group

app = group("Backups of everything, made while it runs · 备份")
app.command(epilog=backup_key.EXAMPLES)(backup_key.key)
app.command(epilog=backup_create.EXAMPLES)(backup_create.create)
app.command("list", epilog=backup_verify.LIST_EXAMPLES)(backup_verify.list_)
app.command(epilog=backup_verify.EXAMPLES)(backup_verify.verify)
app.command(epilog=backup_erasures.EXAMPLES)(backup_erasures.erasures)
app.command(epilog=backup_create.RUN_EXAMPLES)(backup_create.run)
