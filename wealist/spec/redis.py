"""The contract between Redis and the applications (architecture, section 6).

    key family ─┬─ with a TTL: Redis removes the key, earlier if memory is short (volatile-lru)
                └─ without:    the key exists until an application removes it

`docs/redis.md` describes the same for the developers of both services.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

ENGINE_VERSION: Final = "7.0"
PARAMETER_GROUP: Final = "default.redis7"
PARAMETERS: Final = {
    "maxmemory-policy": "volatile-lru",
    "reserved-memory-percent": "25",
    "timeout": "0",
    "tcp-keepalive": "300",
    "databases": "16",
}
"""AWS's values in that group, of the parameters that affect applications.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
"""


@dataclass(frozen=True)
class KeyFamily:
    """Keys of one pattern.

    Attributes:
        purpose: Their purpose.
        pattern: The key, with variable parts in braces.
        ttl: From the write that creates the key; None for keys that only an application removes.
        value: Their content.
        writes: Commands that write the key and its TTL.
        loss: What happens if the key is missing.
    """

    purpose: str
    pattern: str
    ttl: timedelta | None
    value: str
    writes: str
    loss: str

    @property
    def ttl_seconds(self) -> int | None:
        """The TTL in seconds, as in commands of Redis."""
        return None if self.ttl is None else int(self.ttl.total_seconds())


KEY_FAMILIES: Final = (
    KeyFamily(
        purpose="Sessions",
        pattern="session:{user_id}",
        ttl=timedelta(days=7),
        value="user_info, permissions, preferences",
        writes="SET key value EX 604800",
        loss="the user logs in again",
    ),
    KeyFamily(
        purpose="Cache of boards",
        pattern="cache:boards:{board_id}",
        ttl=timedelta(minutes=5),
        value="board data from PostgreSQL",
        writes="SET key value EX 300",
        loss="the board is read from PostgreSQL",
    ),
    KeyFamily(
        purpose="Rate limits",
        pattern="ratelimit:{ip_address}:{endpoint}",
        ttl=timedelta(minutes=1),
        value="request_count",
        writes="MULTI, INCR key, EXPIRE key 60 NX, EXEC",
        loss="counting begins anew",
    ),
    KeyFamily(
        purpose="Connections of web sockets",
        pattern="ws:connections:{room_id}",
        ttl=None,
        value="set of connection_ids",
        writes="SADD key connection_id, SREM key connection_id",
        loss="clients connect again",
    ),
)
