using CsCheck;
using Router.Core.Usage;

namespace Router.Tests.Usage;

/// <summary>Records wait as rows; what is told of them again is what was put in.</summary>
public sealed class UsageBatchTests
{
    private static readonly Gen<string> Texts = Gen.OneOf(Gen.String, Gen.OneOf(new[] { "", "gpt-4o", "ü€😀", "a\0b", "\ud800", new string('x', 10_000) }.Select(Gen.Const).ToArray()));

    private static readonly Gen<decimal?> Prices = Gen.Nullable(Gen.OneOf(
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Bool, Gen.Byte[0, 28], (a, b, c, negative, scale) => new decimal(a, b, c, negative, scale)),
        Gen.OneOf(new[] { 0m, 0.0000m, 1m, 10_000m, 100_000_000m, 0.0001m, 0.00012345m, 0.0000000225m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m }.Select(Gen.Const).ToArray())));

    [Fact]
    public void Every_record_comes_back_as_it_was()
    {
        Gen<UsageRecord> records = Gen.Select(
            Gen.Select(Texts, Texts.Null(), Texts, Texts.Null(), Gen.Guid, Gen.Long[0, 4_000_000_000_000_000]),
            Gen.Select(Gen.Int, Gen.Nullable(Gen.Int), Gen.Long, Gen.Nullable(Gen.Long), Gen.Bool, Gen.Bool),
            Gen.Select(Prices, Prices),
            (texts, numbers, prices) => new UsageRecord(
                texts.Item5, DateTimeOffset.UnixEpoch.AddMicroseconds(texts.Item6), texts.Item1, texts.Item2, Guid.CreateVersion7(), numbers.Item1, texts.Item4, texts.Item3, texts.Item1, texts.Item2,
                texts.Item3, texts.Item1, texts.Item3, numbers.Item5, texts.Item1, numbers.Item2, numbers.Item3, numbers.Item4, numbers.Item4, numbers.Item4, numbers.Item3, null, numbers.Item6,
                prices.Item1, prices.Item2));
        records.List[0, 20].Sample(list =>
        {
            UsageBatch batch = new UsageBatch().AddAll(list);
            Assert.Equal(list.Count, batch.Count);
            Assert.Equal(list.Select(Stored), batch.Records());
            // Nor does it matter that it was read or ended before.
            int length = batch.Rows().Length;
            Assert.Equal(length, batch.Rows().Length);
            Assert.Equal(list.Select(Stored), batch.Records());
            foreach ((UsageRecord sent, UsageRecord read) in list.Zip(batch.Records()))
            {
                Assert.Equal(sent.ListPrice?.Scale, read.ListPrice?.Scale);
            }
        });
    }

    [Fact]
    public void A_batch_filled_again_has_nothing_of_the_one_before()
    {
        UsageBatch batch = new UsageBatch().AddAll([UsageWriterTests.Make(1), UsageWriterTests.Make(2)]);
        batch.Rows();
        Assert.True(batch.TryReset());
        UsageRecord third = UsageWriterTests.Make(3);
        batch.Add(third);
        Assert.Equal(3, Assert.Single(batch.Records()).Attempt);
        Assert.True(new UsageBatch().AddAll([third]).Rows().Span.SequenceEqual(batch.Rows().Span));
    }

    [Fact]
    public void A_queue_gives_batches_in_the_order_they_came_and_takes_no_more_than_it_holds()
    {
        var queue = new UsageQueue();
        Assert.Null(queue.Take());
        for (int i = 0; i < UsageQueue.Capacity + 5; i++)
        {
            queue.Add(UsageWriterTests.Make(i));
        }

        Assert.Equal(UsageQueue.Capacity, queue.Depth);
        int next = 0;
        while (queue.Take() is { } batch)
        {
            Assert.All(batch.Records(), record => Assert.Equal(next++, record.Attempt));
            queue.GiveBack(batch);
        }

        Assert.Equal((UsageQueue.Capacity, 0), (next, queue.Depth));
        queue.Add(UsageWriterTests.Make(7));
        Assert.Equal(7, Assert.Single(queue.Take()!.Records()).Attempt);
    }

    [Fact]
    public void What_comes_in_a_turn_of_the_writer_fills_the_batches_of_the_turn_before()
    {
        var queue = new UsageQueue();
        UsageRecord record = UsageWriterTests.Make(1);
        long before = 0;
        for (int turn = 0; turn < 4; turn++)
        {
            if (turn == 1)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            for (int i = 0; i < (5 * UsageBatch.Most) + 500; i++)
            {
                queue.Add(record);
            }

            var taken = new List<UsageBatch>();
            while (queue.Take() is { } batch)
            {
                taken.Add(batch);
            }

            Assert.Equal(6, taken.Count);
            taken.ForEach(queue.GiveBack);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    /// <summary>As Postgres keeps it.</summary>
    private static UsageRecord Stored(UsageRecord record) => record with
    {
        WorkspaceId = Stored(record.WorkspaceId)!,
        RouterKeyId = Stored(record.RouterKeyId),
        TraceId = Stored(record.TraceId),
        Provider = Stored(record.Provider)!,
        Model = Stored(record.Model)!,
        ResponseModel = Stored(record.ResponseModel),
        CredentialType = Stored(record.CredentialType)!,
        CredentialSource = Stored(record.CredentialSource)!,
        CredentialFingerprint = Stored(record.CredentialFingerprint)!,
        Outcome = Stored(record.Outcome)!,
    };

    private static string? Stored(string? text) => text is null ? null : System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
}
