using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Keys;

public sealed class KeyCipherTests
{
    private static readonly Secret Key = new("sk-test-0123456789abcdef");
    private static readonly KeyScope Scope = new("default", "openai", 3);

    [Fact]
    public void What_is_sealed_opens_for_its_scope()
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        Assert.True(cipher.TryOpen(cipher.Seal(Key, Scope), Scope, out var opened));
        Assert.Equal(Key, opened);
    }

    [Fact]
    public void Sealing_twice_never_gives_the_same_bytes()
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        Assert.NotEqual(cipher.Seal(Key, Scope).Ciphertext, cipher.Seal(Key, Scope).Ciphertext);
    }

    [Fact]
    public void Changing_any_byte_of_either_layer_keeps_it_shut()
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        var sealedKey = cipher.Seal(Key, Scope);
        for (var i = 0; i < sealedKey.Ciphertext.Length; i++)
            Assert.False(cipher.TryOpen(sealedKey with { Ciphertext = Flip(sealedKey.Ciphertext, i) }, Scope, out _));
        for (var i = 0; i < sealedKey.WrappedKey.Length; i++)
            Assert.False(cipher.TryOpen(sealedKey with { WrappedKey = Flip(sealedKey.WrappedKey, i) }, Scope, out _));
    }

    [Fact]
    public void Truncation_keeps_it_shut()
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        var sealedKey = cipher.Seal(Key, Scope);
        for (var length = 0; length < sealedKey.Ciphertext.Length; length++)
            Assert.False(cipher.TryOpen(sealedKey with { Ciphertext = sealedKey.Ciphertext[..length] }, Scope, out _));
        for (var length = 0; length < sealedKey.WrappedKey.Length; length++)
            Assert.False(cipher.TryOpen(sealedKey with { WrappedKey = sealedKey.WrappedKey[..length] }, Scope, out _));
    }

    [Theory]
    [InlineData("other", "openai", 3)]
    [InlineData("default", "groq", 3)]
    [InlineData("default", "openai", 4)]
    [InlineData("defaulto", "penai", 3)]
    public void It_does_not_open_for_another_scope(string workspace, string provider, int version)
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        Assert.False(cipher.TryOpen(cipher.Seal(Key, Scope), new(workspace, provider, version), out var opened));
        Assert.Null(opened);
    }

    [Fact]
    public void The_layers_of_two_keys_cannot_be_mixed()
    {
        var cipher = new KeyCipher(TestKeys.Ring());
        var (one, other) = (cipher.Seal(Key, Scope), cipher.Seal(Key, Scope));
        Assert.False(cipher.TryOpen(one with { WrappedKey = other.WrappedKey }, Scope, out _));
    }

    [Fact]
    public void Rotation_moves_a_key_to_the_newest_master_key_and_the_old_one_may_go()
    {
        var (old, young) = (TestKeys.NewMasterKey("k1"), TestKeys.NewMasterKey("k2"));
        var sealedKey = new KeyCipher(TestKeys.Ring(old)).Seal(Key, Scope);
        var rotating = new KeyCipher(TestKeys.Ring(young, old));
        Assert.True(rotating.TryOpen(sealedKey, Scope, out _));

        var moved = rotating.TryRewrap(sealedKey, Scope);
        Assert.NotNull(moved);
        Assert.Equal("k2", moved.MasterKeyId);
        Assert.Equal(sealedKey.Ciphertext, moved.Ciphertext);
        Assert.True(new KeyCipher(TestKeys.Ring(young)).TryOpen(moved, Scope, out var opened));
        Assert.Equal(Key, opened);
    }

    [Fact]
    public void A_missing_or_renamed_master_key_means_undecryptable_and_no_exception()
    {
        var master = TestKeys.NewMasterKey("k1");
        var sealedKey = new KeyCipher(TestKeys.Ring(master)).Seal(Key, Scope);
        var without = new KeyCipher(TestKeys.Ring(TestKeys.NewMasterKey("k2")));
        Assert.False(without.TryOpen(sealedKey, Scope, out _));
        Assert.Null(without.TryRewrap(sealedKey, Scope));
        Assert.False(new KeyCipher(TestKeys.Ring(TestKeys.NewMasterKey("k1"))).TryOpen(sealedKey, Scope, out _));
    }

    [Fact]
    public void A_fingerprint_survives_a_new_master_key_in_front()
    {
        var (old, young) = (TestKeys.NewMasterKey("k1"), TestKeys.NewMasterKey("k2"));
        var before = new KeyFingerprint(TestKeys.Ring(old)).Of(Key);
        Assert.Equal(before, new KeyFingerprint(TestKeys.Ring(young, old)).Of(Key));
        Assert.NotEqual(before, new KeyFingerprint(TestKeys.Ring(young)).Of(Key));
        Assert.Matches("^[0-9a-f]{16}$", before);
    }

    private static byte[] Flip(byte[] bytes, int index)
    {
        var copy = (byte[])bytes.Clone();
        copy[index] ^= 0x01;
        return copy;
    }
}
