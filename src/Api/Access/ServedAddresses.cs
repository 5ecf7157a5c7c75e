using Microsoft.AspNetCore.Http;

namespace Auie.Api.Access;

/// <summary>The addresses that a process is to serve, as they are configured.</summary>
public static class ServedAddresses
{
    /// <summary>What is wrong with the addresses, or null.</summary>
    /// <param name="name">What they are called where they were given.</param>
    public static string? Problem(string name, string? urls)
    {
        var wrong = (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(url => !IsAddress(url.Trim()));
        return wrong is null ? null : $"{name} has '{wrong}', which is not an address such as http://127.0.0.1:5080.";
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port is >= 0 and <= 65_535;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
