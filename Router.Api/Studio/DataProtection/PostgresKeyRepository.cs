using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;
using Router.Core.Telemetry;

namespace Router.Api.Studio;

/// <summary>
/// The keys that session cookies and antiforgery tokens are sealed with, in Postgres, so that every replica reads what another
/// wrote. What is stored is itself sealed under a master key: see <see cref="MasterKeyXmlEncryptor"/>.
/// </summary>
internal sealed class PostgresKeyRepository(NpgsqlDataSource database) : IXmlRepository
{
    private const int TimeoutSeconds = 5;

    /// <remarks>
    /// The framework asks synchronously, at the start and once a day, on whatever thread. The driver is asked asynchronously, on the pool: on the thread
    /// that polls the sockets its synchronous connect would wait for itself.
    /// </remarks>
    public IReadOnlyCollection<XElement> GetAllElements() => Task.Run(LoadAsync).GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => Task.Run(() => StoreAsync(element, friendlyName)).GetAwaiter().GetResult();

    private async Task<IReadOnlyCollection<XElement>> LoadAsync()
    {
        using var quiet = QuietScope.Begin();
        await using var command = database.CreateCommand("SELECT xml FROM data_protection_keys ORDER BY created_at");
        command.CommandTimeout = TimeoutSeconds;
        await using var reader = await command.ExecuteReaderAsync();
        var elements = new List<XElement>();
        while (await reader.ReadAsync())
            elements.Add(XElement.Parse(reader.GetString(0)));
        return elements;
    }

    private async Task StoreAsync(XElement element, string friendlyName)
    {
        using var quiet = QuietScope.Begin();
        await using var command = database.CreateCommand("INSERT INTO data_protection_keys (friendly_name, xml) VALUES ($1, $2) ON CONFLICT (friendly_name) DO UPDATE SET xml = excluded.xml");
        command.CommandTimeout = TimeoutSeconds;
        command.Parameters.Add(new() { Value = friendlyName });
        command.Parameters.Add(new() { Value = element.ToString(SaveOptions.DisableFormatting) });
        await command.ExecuteNonQueryAsync();
    }
}
