using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

/// <summary>Whatever order requests, replies and time come in, a window lets no more through than the limit.</summary>
public sealed class LimitProperties
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>Waiting ends when the reply comes: a bound would make a slow reply an outage.</summary>
    private static readonly LimitTimings Patient = LimitTimings.Default with { Wait = TimeSpan.FromDays(1) };

    private static readonly Gen<(int Step, int Replica, int Amount)> Steps = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[1, 60]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void No_interleaving_of_replicas_passes_more_than_the_limit_in_a_window() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 4], Steps.Array[1, 400]).Sample(
            (limit, replicas, steps) =>
            {
                var world = new World(limit, replicas, Patient);
                foreach (var (step, replica, amount) in steps)
                    world.Step(step, replica, amount);
                return world.Passed.Values.All(passed => passed <= limit);
            },
            iter: 400,
            threads: 1);

    [Fact]
    public void While_every_replica_keeps_asking_all_of_the_limit_passes() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 4], Gen.Int[0, 1000]).Sample(
            (limit, replicas, seed) =>
            {
                var world = new World(limit, replicas, Patient);
                var random = new Random(seed);
                for (var i = 0; i < limit * 20 * replicas; i++)
                    world.Step(0, random.Next(4), 1);
                return world.Passed.Values.Sum() == limit;
            },
            iter: 100,
            threads: 1);

    [Fact]
    public void With_redis_coming_and_going_no_replica_passes_more_than_the_limit_by_itself() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 4], Steps.Array[1, 400]).Sample(
            (limit, replicas, steps) =>
            {
                var world = new World(limit, replicas, LimitTimings.Default);
                foreach (var (step, replica, amount) in steps)
                {
                    world.Redis.Gone = amount % 3 == 0;
                    world.Step(step, replica, amount);
                }

                return world.Passed.Values.All(passed => passed <= limit * replicas);
            },
            iter: 400,
            threads: 1);

    /// <summary>Replicas over one counter, stepped by hand.</summary>
    private sealed class World
    {
        private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddDays(20_000));
        private readonly LimitRule _rule;
        private readonly RequestBucket[] _replicas;

        public World(int limit, int replicas, LimitTimings timings)
        {
            _rule = new(limit, Window);
            Redis = new(_time);
            _replicas = [.. Enumerable.Range(0, replicas).Select(index => new RequestBucket("k", Redis, new RedisPulse(timings, _time, new Random(index)), timings, _time))];
        }

        public ScriptedCounter Redis { get; }

        public Dictionary<long, int> Passed { get; } = [];

        public void Step(int step, int replica, int amount)
        {
            var bucket = _replicas[replica % _replicas.Length];
            switch (step)
            {
                case 0 or 1 or 2:
                    for (var i = 0; i < amount; i++)
                        Ask(bucket);
                    break;
                case 3:
                    Assert.True(bucket.Tend());
                    break;
                case 4:
                    _time.Advance(TimeSpan.FromMilliseconds(amount * 10));
                    break;
                default:
                    // A reply that is under way while others ask.
                    Redis.Holds = !Redis.Holds;
                    if (!Redis.Holds)
                        ReleaseAll();
                    break;
            }
        }

        private void Ask(RequestBucket bucket)
        {
            var asked = bucket.AskAsync(_rule, Token);
            if (!asked.IsCompleted && Redis.Holds)
            {
                Redis.Holds = false;
                ReleaseAll();
            }

            var verdict = asked.AsTask().WaitAsync(TimeSpan.FromSeconds(10), Token).GetAwaiter().GetResult();
            if (verdict.Allowed)
                Passed[Redis.CurrentWindow(_rule)] = Passed.GetValueOrDefault(Redis.CurrentWindow(_rule)) + 1;
        }

        private void ReleaseAll()
        {
            for (var i = 0; i < 8; i++)
                Redis.Release();
        }
    }
}
