using System.Net;

namespace Auie.Api.Access;

/// <summary>Keeps an engine without keys from being reached by other machines.</summary>
public static class ListenAddressGuard
{
    /// <summary>Why the engine may not listen on these addresses, or null where it may.</summary>
    /// <param name="urls">Addresses as given to the server: http://127.0.0.1:5080, http://*:80, http://unix:/run/auie.sock; ';' may join several.</param>
    public static string? Refusal(IEnumerable<string> urls, KeyStore keys)
    {
        if (!keys.IsEmpty) return null;
        var open = urls.SelectMany(url => url.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(url => !IsThisMachineOnly(url))
            .ToArray();
        return open.Length == 0 ? null
            : $"Refused to listen on {string.Join(", ", open)}: other machines could reach it, and no keys are configured. "
                + "Make a key with 'auie keys new --name NAME --scopes read,write --file keys.json' and start with that file, "
                + "or listen on http://127.0.0.1:5080.";
    }

    private static bool IsThisMachineOnly(string url)
    {
        var host = url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? url[(scheme + 3)..] : url;
        if (host.StartsWith("unix:/", StringComparison.OrdinalIgnoreCase)) return true;
        host = host.Split('/', 2)[0];
        var port = host.LastIndexOf(':');
        if (port > host.LastIndexOf(']')) host = host[..port];
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }
}
