namespace Auie.Abstractions;

/// <summary>Which friendships of some users to read: of those whom the query means, and among some people only.</summary>
/// <param name="People">Hashes of the people's ids, ascending.</param>
/// <param name="Most">Of more links than these so many are read, and a few more.</param>
/// <param name="After">Where the page before ended; null for the first.</param>
[GenerateSerializer, Immutable, Alias("auie.friendships-query")]
public sealed record FriendshipsQuery([property: Id(0)] AudienceQuery Audience, [property: Id(1)] ulong[] People, [property: Id(2)] int Most, [property: Id(3)] string? After);

/// <summary>Links between people, by their places among those who were asked for: who lists whom, as of the last flush.</summary>
/// <param name="Next">What the page after it is after; null at the end.</param>
[GenerateSerializer, Immutable, Alias("auie.friendships-part")]
public sealed record FriendshipsPart([property: Id(0)] int[] From, [property: Id(1)] int[] To, [property: Id(2)] string? Next);
