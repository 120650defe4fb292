using System.Text.Json;
using Router.Simulator.Vendors;

namespace Router.Simulator.Faults;

/// <summary>The faults that replace the whole answer.</summary>
internal static class FaultyResponse
{
    private const string HtmlPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

    /// <summary>True when the fault has answered.</summary>
    public static async Task<bool> PlayAsync(Exchange exchange)
    {
        var fault = exchange.Fault;
        if (ReferenceEquals(fault, Fault.None))
            return false;
        if (fault.NeverAnswer)
            await exchange.StallAsync();
        await exchange.DelayAsync(fault.DelayBeforeHeadersMs);
        if (fault is { Status: null, Html: false, EmptyBody: false, OkWithErrorBody: false, Body: null })
            return false;

        foreach (var (name, value) in fault.Headers ?? [])
            exchange.Http.Response.Headers[name] = value;
        if (fault.Html)
            await exchange.SendAsync(fault.Status ?? StatusCodes.Status502BadGateway, "text/html", HtmlPage);
        else if (fault.EmptyBody)
            await exchange.SendAsync(fault.Status ?? StatusCodes.Status200OK, "application/json", "");
        else if (fault.Body is { } body)
            await exchange.SendAsync(fault.Status ?? StatusCodes.Status200OK, "application/json", Text(body));
        else if (fault.OkWithErrorBody)
            await exchange.SendAsync(StatusCodes.Status200OK, "application/json", exchange.Vendor.Envelope(exchange.Vendor.OfStatus(fault.Status ?? 503)));
        else
            await exchange.FailAsync(exchange.Vendor.OfStatus(fault.Status!.Value));
        return true;
    }

    private static string Text(JsonElement body) =>
        body.ValueKind is JsonValueKind.String ? body.GetString()! : body.GetRawText();
}
