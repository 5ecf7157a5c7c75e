namespace Auie.Core.Users;

/// <summary>A record of the journal: entries that came for one user and take effect together.</summary>
/// <param name="PassedOnTo">The user whom the entries belong to, where it is another than the record's own: then they are folded there, not here.</param>
/// <param name="Sender">The user whose messages the entries came in, where it is another than the record's own.</param>
public sealed record UserRecord(Entry[] Entries, string? PassedOnTo = null, string? Sender = null);
