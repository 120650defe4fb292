using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Router.Core.Keys;

/// <summary>
/// The sessions of signed-in people that have not ended, so that an end is one on every replica. Kept are hashes: neither the table nor
/// a copy of it opens anything.
/// </summary>
public sealed class SessionStore(NpgsqlDataSource database)
{
    /// <summary>How many one holder may have open: the oldest make room. A shared admin key is one holder.</summary>
    public const int MostOfOne = 100;

    /// <param name="holder">Who the sessions belong to, however often they sign in.</param>
    /// <returns>The new session's id, to be shown by its holder from then on.</returns>
    public async Task<string> BeginAsync(string holder, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await database.Statement(
            """
            WITH gone AS (
                DELETE FROM studio_sessions WHERE expires_at <= now()
                    OR id_hash IN (SELECT id_hash FROM studio_sessions WHERE holder = $2 AND expires_at > now() ORDER BY created_at DESC, id_hash OFFSET $4)
            )
            INSERT INTO studio_sessions (id_hash, holder, expires_at) VALUES ($1, $2, now() + $3::interval)
            """,
            Hash(id), Hash(holder), lifetime, MostOfOne - 1).ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return id;
    }

    public async Task<bool> IsOpenAsync(string id, CancellationToken cancellationToken) =>
        (await database.Statement("SELECT 1 FROM studio_sessions WHERE id_hash = $1 AND expires_at > now()", Hash(id))
            .ReadAsync(row => row.GetInt32(0), cancellationToken).ConfigureAwait(false)).Count > 0;

    public Task<int> EndAsync(string id, CancellationToken cancellationToken) =>
        database.Statement("DELETE FROM studio_sessions WHERE id_hash = $1", Hash(id)).ExecuteAsync(cancellationToken);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes($"router/studio/session/{text}"));
}
