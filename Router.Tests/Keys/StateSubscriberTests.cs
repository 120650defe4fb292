using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;
using StackExchange.Redis;

namespace Router.Tests.Keys;

public sealed class StateSubscriberTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_subscription_the_client_gave_up_is_tried_again()
    {
        var subscriber = DispatchProxy.Create<ISubscriber, Answering>();
        var tries = 0;
        ((Answering)(object)subscriber).Answer = name => name != nameof(ISubscriber.SubscribeAsync) ? Task.CompletedTask
            : Interlocked.Increment(ref tries) == 1 ? Task.FromCanceled(new CancellationToken(canceled: true))
            : Task.CompletedTask;
        var multiplexer = DispatchProxy.Create<IConnectionMultiplexer, Answering>();
        ((Answering)(object)multiplexer).Answer = _ => subscriber;
        await using var services = new ServiceCollection().AddSingleton(multiplexer).BuildServiceProvider();
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");
        var time = new FakeTimeProvider();
        using var refresher = TestKeys.Refresher(new SnapshotCache(), nowhere, TestKeys.Ring(), time);
        using var state = new StateSubscriber(new RedisAccess(services, time), refresher, time, NullLogger<StateSubscriber>.Instance);
        await state.StartAsync(Token);
        await Eventually.HoldsAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Volatile.Read(ref tries) == 2;
            },
            TimeSpan.FromSeconds(30),
            Token);
        await state.StopAsync(Token);
    }

    /// <summary>Stands for an interface of the client's, with one answer for each method.</summary>
    public class Answering : DispatchProxy
    {
        public Func<string, object?> Answer { get; set; } = _ => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(targetMethod!.Name);
    }
}
