using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Router.Core.Keys;

namespace Router.Api.Studio;

/// <summary>Seals data protection keys in the envelope that provider keys are sealed in.</summary>
internal sealed class MasterKeyXmlEncryptor(KeyCipher cipher) : IXmlEncryptor
{
    /// <summary>No workspace has this id: ids hold no slash.</summary>
    internal static KeyScope Scope { get; } = new("/studio", "data-protection", 1);

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var box = cipher.Seal(new Secret(plaintextElement.ToString(SaveOptions.DisableFormatting)), Scope);
        var element = new XElement(
            "sealed",
            new XAttribute("masterKey", box.MasterKeyId),
            new XElement("wrappedKey", Convert.ToBase64String(box.WrappedKey)),
            new XElement("ciphertext", Convert.ToBase64String(box.Ciphertext)));
        return new EncryptedXmlInfo(element, typeof(MasterKeyXmlDecryptor));
    }
}

/// <summary>
/// Opens them. A key whose master key is gone does not open: sessions sealed with it end, people sign in again, and a new key
/// takes its place.
/// </summary>
internal sealed class MasterKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var box = new SealedKey(
            Convert.FromBase64String((string?)encryptedElement.Element("ciphertext") ?? ""),
            Convert.FromBase64String((string?)encryptedElement.Element("wrappedKey") ?? ""),
            (string?)encryptedElement.Attribute("masterKey") ?? "");
        return services.GetRequiredService<KeyCipher>().TryOpen(box, MasterKeyXmlEncryptor.Scope, out var secret)
            ? XElement.Parse(secret.Reveal())
            : throw new CryptographicException("No configured master key opens this data protection key.");
    }
}
