namespace Auie.Core.Users;

/// <summary>
/// Ids of users: those of people as they are sent, and for a visitor whom nobody knows yet a reserved prefix and the anonymous id. A sent user id
/// that begins with the prefix means that visitor.
/// </summary>
public static class UserIds
{
    public const string AnonymousPrefix = "anonymous:";

    /// <summary>The user that a visitor with this anonymous id is.</summary>
    public static string AnonymousUser(string anonymousId) => AnonymousPrefix + anonymousId;

    /// <summary>Whether the user is a visitor, known by an anonymous id alone.</summary>
    public static bool IsAnonymous(string user) => user.StartsWith(AnonymousPrefix, StringComparison.Ordinal);
}
