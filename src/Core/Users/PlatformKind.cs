namespace Auie.Core.Users;

/// <summary>What kind of platform something came from: web, a mobile app, email, or what is none of these or not known. The numbers are stored.</summary>
public enum PlatformKind : byte
{
    Unknown = 0,
    Web = 1,
    Mobile = 2,
    Email = 3,
}

/// <summary>The kinds of platforms that are told apart.</summary>
public static class PlatformKinds
{
    /// <summary>How many there are, with <see cref="PlatformKind.Unknown"/>.</summary>
    public const int Count = 4;

    /// <summary>Of a platform as senders name it.</summary>
    public static PlatformKind Of(string? platform) => platform switch
    {
        "web" => PlatformKind.Web,
        "ios" or "android" or "mobile" => PlatformKind.Mobile,
        "email" => PlatformKind.Email,
        _ => PlatformKind.Unknown,
    };
}
