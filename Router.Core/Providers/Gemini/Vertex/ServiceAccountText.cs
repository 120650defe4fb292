using System.Security.Cryptography;

namespace Router.Core.Providers.Gemini.Vertex;

/// <summary>What is wrong with the members of a service account's key file, found where the file comes in and not when a token is wanted.</summary>
internal static class ServiceAccountText
{
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

        return IsPrivateKey(pem) ? null : "has a private_key that is no RSA private key in PEM form";
    }

    private static bool IsPrivateKey(string pem)
    {
        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return false;
        }

        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(pem);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Its words may hold the key.
            return false;
        }
    }
}
