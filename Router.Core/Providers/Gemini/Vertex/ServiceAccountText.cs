using System.Security.Cryptography;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>What is wrong with the members of a service account's key file, found where the file comes in and not when a token is wanted.</summary>
internal static class ServiceAccountText
{
    /// <summary>Google makes keys of 2048 bits. Time to sign grows with the cube: with 16384 it would be a third of a second for each token.</summary>
    public const int MostKeyBits = 4096;

    /// <summary>A key of <see cref="MostKeyBits"/> in PEM form has some 3,300 characters. Looked at first: to import a longer key costs as much as to sign with it.</summary>
    private const int MostKeyCharacters = 4096;

    /// <summary>The rest of a sentence that begins with the account's name; null for one that can sign. Nothing of the file is quoted.</summary>
    public static string? Problem(ServiceAccount account)
    {
        if (!KeyText.IsSendable(account.Email) || !account.Email.Contains('@', StringComparison.Ordinal))
        {
            return "has a client_email that is no address";
        }

        string pem = account.PrivateKey.Reveal();
        if (pem.Contains("\\n", StringComparison.Ordinal))
        {
            return "has a private_key whose line breaks are written as a backslash and an n: paste the file as it was downloaded";
        }

        using RSA? rsa = Import(pem);
        return rsa is not null ? null
            : pem.Length > MostKeyCharacters ? $"has a private_key of more than {MostKeyBits} bits, or with something else in it"
            : "has a private_key that is no RSA private key in PEM form";
    }

    /// <returns>Null for what is no such key, or one that costs too much to sign with.</returns>
    public static RSA? Import(string pem)
    {
        if (pem.Length > MostKeyCharacters || !pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return null;
        }

        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            if (rsa.KeySize <= MostKeyBits)
            {
                return rsa;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Its words may hold the key.
        }

        rsa.Dispose();
        return null;
    }
}
