using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Router.Core.Keys;
using StackExchange.Redis;

namespace Router.Tests.EndToEnd;

/// <summary>Plants keys, drives them through every path a key takes, then searches everything that leaves the process.</summary>
[Collection(StackCollection.Name)]
public sealed class SecretsTests(Stack stack)
{
    private const string Canary = "CANARYc4n4ry";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_key_is_found_in_any_answer_log_span_metric_table_or_cache_entry()
    {
        var answers = new StringBuilder();
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        foreach (string word in (string[])["good", "invalid", "expired", "nocredit", "ratelimited", "noaccess", "down", "region", "restricted"])
        {
            string key = $"{Canary}-sim-{word}";
            answers.Append(await SaveAsync(workspace, key));
            foreach (string stream in (string[])["true", "false"])
            {
                answers.Append(await ChatAsync(workspace, $$$$"""{"model":"openai/gpt-4o","stream":{{{{stream}}}},"messages":[{"role":"user","content":"Hi"}]}"""));
                answers.Append(await ChatAsync(workspace, $$$$"""{"model":"openai/gpt-4o","stream":{{{{stream}}}},"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{{key}}}}","fallback_to_system":false}}}"""));
            }
        }

        // A provider that repeats the key, in each member of an error, in a failure and in a fault it blames on the caller, as it is and encoded.
        string planted = $"{Canary}-sim-good";
        foreach (string fault in (string[])
        [
            """{"status":400,"body":{"error":{"message":"bad request with KEY","type":"invalid_request_error","code":"x"}}}""",
            """{"status":400,"body":{"error":{"message":"bad","type":"KEY","code":"KEY","param":"KEY","debug":{"key":"KEY"},"KEY":"KEY"}}}""",
            """{"status":422,"headers":{"x-request-id":"KEY","request-id":"KEY","retry-after":"KEY"},"body":{"error":{"message":"bad KEY","type":"invalid_request_error","code":"x","failed_generation":"KEY"}}}""",
            """{"status":400,"body":{"message":"KEY","code":"KEY"}}""",
            """{"status":400,"body":"<html>KEY</html>"}""",
            """{"status":500,"body":"KEY"}""",
            """{"status":401,"body":{"error":{"message":"KEY is wrong","code":"invalid_api_key"}}}""",
            """{"errorEvent":{"message":"KEY","type":"KEY","code":"KEY"}}""",
        ])
        {
            foreach (string said in (string[])[planted, Convert.ToBase64String(Encoding.UTF8.GetBytes(planted)), Uri.HexEscape('C') + planted[1..], $"\\\\u0043{planted[1..]}"])
            {
                string body = $$$$"""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"{{{{planted}}}}"}}}""";
                await stack.ScriptAsync(planted, fault.Replace("KEY", said, StringComparison.Ordinal));
                answers.Append(await ChatAsync(workspace, body));
            }
        }

        answers.Append(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/provider-keys"));
        answers.Append(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/api-keys"));
        AssertClean(answers.ToString(), "an answer");

        await Task.Delay(2_500, Cancel); // Telemetry is exported once a second.
        foreach (byte[] payload in stack.Otlp.Payloads)
        {
            AssertClean(Encoding.Latin1.GetString(payload), "an export of telemetry");
        }

        string dump = await DumpPostgresAsync();
        AssertClean(dump, "Postgres");
        foreach (string key in (string[])[$"{Canary}-sim-good", stack.RouterKey[^40..], stack.AdminKey])
        {
            byte[] bytes = Encoding.UTF8.GetBytes(key);
            Assert.DoesNotContain(Convert.ToBase64String(bytes)[..^4], dump, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(bytes), dump, StringComparison.OrdinalIgnoreCase);
        }

        await AssertSealedAsync(workspace);
        AssertClean(await DumpRedisAsync(), "the cache");
        foreach (string resource in (string[])["api", "worker", "migrations"])
        {
            AssertClean(string.Join('\n', await stack.Running.LogAsync(resource)), $"the log of {resource}");
        }
    }

    [Fact]
    public async Task A_rate_limit_cools_the_key_down_in_the_cache_for_as_long_as_the_provider_asked()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await stack.ScriptAsync(key, """{"status":429,"headers":{"Retry-After":"33"}}""");
        (_, JsonNode body) = await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}"""));
        Assert.Equal("rate_limit", (string)body["metadata"]!["attempts"]![0]!["error"]!["code"]!);

        await using ConnectionMultiplexer redis = await ConnectAsync();
        for (int i = 0; i < 50; i++)
        {
            foreach (RedisKey entry in redis.GetServers()[0].Keys(pattern: "*cooldown*"))
            {
                if (await redis.GetDatabase().KeyTimeToLiveAsync(entry) is { } left && left > TimeSpan.FromSeconds(25) && left <= TimeSpan.FromSeconds(33))
                {
                    return;
                }
            }

            await Task.Delay(100, Cancel);
        }

        Assert.Fail("No cooldown of about 33 seconds stands in the cache.");
    }

    private void AssertClean(string text, string where)
    {
        foreach (string form in (string[])[Canary, Canary[1..], Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..^4]])
        {
            Assert.False(text.Contains(form, StringComparison.OrdinalIgnoreCase), $"A provider key stands in {where}, as {form}.");
        }

        Assert.False(text.Contains(stack.MasterKey[5..], StringComparison.Ordinal), $"The master key stands in {where}.");
        Assert.False(text.Contains(stack.RouterKey[^40..], StringComparison.OrdinalIgnoreCase), $"A router key stands in {where}.");
        Assert.False(text.Contains(stack.AdminKey, StringComparison.OrdinalIgnoreCase), $"The admin key stands in {where}.");
    }

    private async Task<string> SaveAsync(TestWorkspace workspace, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/provider-keys/openai?force=true")
        {
            Content = new StringContent(new JsonObject { ["api_key"] = key }.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", stack.AdminKey);
        using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    private async Task<string> ChatAsync(TestWorkspace workspace, string body)
    {
        using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(body), Cancel);
        return response.Headers.ToString() + await response.Content.ReadAsStringAsync(Cancel);
    }

    /// <summary>What a thief of the database holds opens with the master key and with no other.</summary>
    private async Task AssertSealedAsync(TestWorkspace workspace)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create((await stack.App.GetConnectionStringAsync("routerdb", Cancel))!);
        await using NpgsqlCommand command = source.CreateCommand("SELECT provider, version, ciphertext, wrapped_key, master_key_id FROM provider_keys WHERE workspace_id = $1");
        command.Parameters.Add(new() { Value = workspace.Id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(Cancel);
        Assert.True(await reader.ReadAsync(Cancel));
        var scope = new KeyScope(workspace.Id, reader.GetString(0), reader.GetInt32(1));
        var box = new SealedKey(reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3), reader.GetString(4));
        byte[] master = Convert.FromBase64String(stack.MasterKey[5..]);
        Assert.True(new KeyCipher(new MasterKeyRing([new MasterKey("test", master)])).TryOpen(box, scope, out Secret? secret));
        Assert.StartsWith(Canary, secret.Reveal(), StringComparison.Ordinal);
        for (int bit = 0; bit < 8; bit++)
        {
            byte[] other = [.. master];
            other[bit] ^= (byte)(1 << bit);
            Assert.False(new KeyCipher(new MasterKeyRing([new MasterKey("test", other)])).TryOpen(box, scope, out _));
        }

        Assert.False(new KeyCipher(new MasterKeyRing([new MasterKey("test", master)])).TryOpen(box, scope with { WorkspaceId = "another" }, out _));
    }

    private async Task<string> DumpPostgresAsync()
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create((await stack.App.GetConnectionStringAsync("routerdb", Cancel))!);
        var dump = new StringBuilder();
        await using NpgsqlCommand tables = source.CreateCommand("SELECT string_agg(format('SELECT row_to_json(t)::text FROM %I.%I t', table_schema, table_name), ' UNION ALL ') FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'");
        string all = (string)(await tables.ExecuteScalarAsync(Cancel))!;
        await using NpgsqlCommand rows = source.CreateCommand(all);
        await using NpgsqlDataReader reader = await rows.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
        {
            dump.AppendLine(reader.GetString(0));
        }

        Assert.Contains("ciphertext", dump.ToString(), StringComparison.Ordinal);
        return dump.ToString() + Encoding.Latin1.GetString(Convert.FromHexString(string.Concat(System.Text.RegularExpressions.Regex.Matches(dump.ToString(), @"\\\\x((?:[0-9a-f]{2})+)").Select(match => match.Groups[1].Value))));
    }

    private async Task<string> DumpRedisAsync()
    {
        await using ConnectionMultiplexer redis = await ConnectAsync();
        var dump = new StringBuilder();
        foreach (RedisKey key in redis.GetServers()[0].Keys())
        {
            IDatabase database = redis.GetDatabase();
            dump.Append(key).Append('=').AppendLine(await database.KeyTypeAsync(key) switch
            {
                RedisType.String => await database.StringGetAsync(key),
                RedisType.Hash => string.Join(',', (await database.HashGetAllAsync(key)).Select(entry => $"{entry.Name}:{entry.Value}")),
                RedisType.SortedSet => string.Join(',', await database.SortedSetRangeByRankAsync(key)),
                RedisType.None => "", // It has expired meanwhile.
                var other => throw new InvalidOperationException($"{key} is a {other}, which this search does not read."),
            });
        }

        return dump.ToString();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync() =>
        await ConnectionMultiplexer.ConnectAsync((await stack.App.GetConnectionStringAsync("cache", Cancel))!);
}
