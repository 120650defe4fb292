using CsCheck;
using Npgsql;
using Router.Core.Usage;
using Router.Tests.Support;

namespace Router.Tests.Usage;

/// <summary>What is written in the binary format is what PostgreSQL reads.</summary>
public sealed class CopyWriterTests(PostgresFixture postgres)
{
    private sealed record Row(Guid Id, DateTimeOffset At, string? Text, int? Integer, long? Big, bool Flag, decimal? Number);

    private static readonly Gen<decimal> Decimals = Gen.OneOf(
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (a, b, c, negative, scale) => new decimal(a, b, c, negative, scale)),
        Gen.Select(Gen.Int, Gen.Byte[0, 12], (a, scale) => new decimal(Math.Abs((long)a) % int.MaxValue is var n ? (int)n : 0, 0, 0, a < 0, scale)),
        Gen.OneOf(new[] { 0m, 0.0000m, 1m, 10_000m, 0.0001m, 0.00012345m, 9_999.9999m, 100_000_000m, decimal.MaxValue, decimal.MinValue, -0.0000000000000000000000000001m }.Select(Gen.Const).ToArray()));

    [Fact]
    public async Task Every_row_comes_back_as_it_was()
    {
        await using NpgsqlDataSource database = await postgres.CreateDatabaseAsync(TestContext.Current.CancellationToken);
        Gen<Row> rows = Gen.Select(
            Gen.Guid,
            Gen.Long[-60_000_000_000L, 4_000_000_000_000L].Select(milliseconds => DateTimeOffset.UnixEpoch.AddMilliseconds(milliseconds)),
            Gen.String.Null(),
            Gen.Nullable(Gen.Int),
            Gen.Nullable(Gen.Long),
            Gen.Bool,
            Gen.Nullable(Decimals),
            (id, at, text, integer, big, flag, number) => new Row(id, at, Valid(text), integer, big, flag, number));
        var expected = new List<Row>();
        rows.Sample(expected.Add, iter: 400, threads: 1);

        // Nothing of a batch before is in the next.
        var writer = new CopyWriter();
        writer.StartRow(7);
        writer.Text("of the batch before");
        writer.Finish();
        Assert.True(writer.TryReset());
        // Nor of a row that was given up.
        int length = writer.Written.Length;
        writer.StartRow(7);
        writer.Text(new string('x', 200_000));
        writer.Truncate(length);
        foreach (Row row in expected)
        {
            writer.StartRow(7);
            writer.Uuid(row.Id);
            writer.Timestamp(row.At);
            writer.Text(row.Text);
            writer.Integer(row.Integer);
            writer.BigInteger(row.Big);
            writer.Boolean(row.Flag);
            writer.Numeric(row.Number);
        }

        writer.Finish();
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using (var create = new NpgsqlCommand("CREATE TABLE written (n serial, id uuid, at timestamptz, text text, integer int, big bigint, flag boolean, number numeric)", connection))
        {
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        await using (NpgsqlRawCopyStream copy = await connection.BeginRawBinaryCopyAsync("COPY written (id, at, text, integer, big, flag, number) FROM STDIN (FORMAT BINARY)", TestContext.Current.CancellationToken))
        {
            await copy.WriteAsync(writer.Written, TestContext.Current.CancellationToken);
        }

        var actual = new List<Row>();
        await using var select = new NpgsqlCommand("SELECT id, at, text, integer, big, flag, number FROM written ORDER BY n", connection);
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            actual.Add(new Row(
                reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1), Value<string>(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetInt64(4), reader.GetBoolean(5), reader.IsDBNull(6) ? null : reader.GetDecimal(6)));
        }

        Assert.Equal(expected.Count, actual.Count);
        foreach ((Row sent, Row read) in expected.Zip(actual))
        {
            Assert.Equal(sent with { Text = sent.Text?.Replace('\0', '\uFFFD') }, read);
            Assert.Equal(sent.Number?.Scale, read.Number?.Scale);
        }

        T? Value<T>(int field)
            where T : class => reader.IsDBNull(field) ? null : reader.GetFieldValue<T>(field);
    }

    /// <summary>Half a surrogate pair has no UTF-8; a record never holds one, as it comes from decoded bytes.</summary>
    private static string? Valid(string? text) => text is null ? null : System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
}
