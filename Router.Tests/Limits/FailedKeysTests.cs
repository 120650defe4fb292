using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;

namespace Router.Tests.Limits;

public sealed class FailedKeysTests
{
    private static readonly IPAddress s_guesser = IPAddress.Parse("192.0.2.7");
    private static readonly IPAddress s_other = IPAddress.Parse("192.0.2.8");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 20, TimeSpan.Zero));
    private readonly LimitOptions _options = new() { FailedKeysPerMinute = 5, FailedKeysInAllPerMinute = 100 };

    [Fact]
    public void An_address_waits_until_the_minute_is_over_and_no_other_does()
    {
        FailedKeys failed = Make();
        for (int i = 0; i < 5; i++)
        {
            Assert.Null(failed.Wait(KeyDoor.Administration, s_guesser));
            Assert.Null(failed.Note(KeyDoor.Administration, s_guesser));
        }

        Assert.Equal(TimeSpan.FromSeconds(40), failed.Wait(KeyDoor.Administration, s_guesser));
        Assert.Equal(TimeSpan.FromSeconds(40), failed.Note(KeyDoor.Administration, s_guesser));
        Assert.Null(failed.Wait(KeyDoor.Administration, s_other));
        Assert.Null(failed.Wait(KeyDoor.Calls, s_guesser));
        _time.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(failed.Wait(KeyDoor.Administration, s_guesser));
    }

    [Fact]
    public void While_all_together_are_over_their_limit_one_wrong_key_is_enough_and_who_tried_none_does_not_wait()
    {
        FailedKeys failed = Make();
        Assert.Null(failed.Note(KeyDoor.Administration, s_guesser));
        for (int i = 0; i < 100; i++)
        {
            failed.Note(KeyDoor.Administration, new IPAddress([10, 0, 0, (byte)i]));
        }

        Assert.NotNull(failed.Wait(KeyDoor.Administration, s_guesser));
        Assert.Null(failed.Wait(KeyDoor.Administration, s_other));
        Assert.NotNull(failed.Note(KeyDoor.Administration, s_other));
    }

    [Fact]
    public void A_whole_site_of_IPv6_is_one_address_and_a_mapped_address_is_itself()
    {
        FailedKeys failed = Make();
        for (int i = 0; i < 6; i++)
        {
            failed.Note(KeyDoor.Calls, IPAddress.Parse($"2001:db8:0:1::{i}"));
        }

        Assert.NotNull(failed.Wait(KeyDoor.Calls, IPAddress.Parse("2001:db8:0:1:ffff::1")));
        Assert.Null(failed.Wait(KeyDoor.Calls, IPAddress.Parse("2001:db8:0:2::1")));
        for (int i = 0; i < 6; i++)
        {
            failed.Note(KeyDoor.Calls, s_guesser.MapToIPv6());
        }

        Assert.NotNull(failed.Wait(KeyDoor.Calls, s_guesser));
        Assert.Null(failed.Wait(KeyDoor.Calls, s_other.MapToIPv6()));
    }

    [Fact]
    public void A_flood_of_addresses_takes_bounded_memory_and_is_forgotten_with_its_minute()
    {
        FailedKeys failed = Make();
        for (int i = 0; i < 5 * FailedKeys.MostAddresses; i++)
        {
            failed.Note(KeyDoor.Calls, new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]));
        }

        Assert.Equal(FailedKeys.MostAddresses, failed.Known(KeyDoor.Calls));
        Assert.Null(failed.Wait(KeyDoor.Calls, s_other));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, failed.Known(KeyDoor.Calls));
    }

    [Fact]
    public void A_form_is_tried_thirty_times_whatever_the_limit_of_the_rest()
    {
        _options.FailedKeysPerMinute = 1_000;
        _options.FailedKeysInAllPerMinute = 0;
        FailedKeys failed = Make();
        for (int i = 0; i < FailedKeys.MostSignIns; i++)
        {
            Assert.Null(failed.Note(KeyDoor.SignIn, s_guesser));
        }

        Assert.NotNull(failed.Wait(KeyDoor.SignIn, s_guesser));
    }

    private FailedKeys Make() => new(Options.Create(_options), _time);
}
