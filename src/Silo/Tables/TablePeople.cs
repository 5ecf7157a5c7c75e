using Auie.Silo.Demo;

namespace Auie.Silo.Tables;

/// <summary>
/// Everybody whose id occurs: users, and references, people whom others mention and of whom nothing else is known. Ids are whole numbers of
/// 32 bits, as in the original tables, in no order.
/// </summary>
internal sealed class TablePeople(long seed, int users, int references)
{
    private readonly uint _key = (uint)new DemoRandom(seed, DemoStream.References, 0).NextBits();

    public uint IdOf(int user) => Scramble((uint)user, _key);

    /// <summary>Fills a list with people of whom none is in it twice and a share are users, spread over the list.</summary>
    /// <param name="self">The user whose list it is, who is not in it; -1 for nobody's.</param>
    public void Fill(Span<uint> list, double shareOfUsers, int self, ref DemoRandom random)
    {
        var others = self < 0 ? users : users - 1;
        var known = Math.Min(others, (int)((list.Length * shareOfUsers) + random.NextDouble()));
        var (user, reference) = (new Walk(Math.Max(1, others), ref random), new Walk(references, ref random));
        for (var i = 0; i < list.Length; i++)
        {
            var isUser = ((long)(i + 1) * known / list.Length) > ((long)i * known / list.Length);
            list[i] = isUser ? IdOf((self + 1 + user.Next()) % users) : Scramble((uint)users + (uint)reference.Next(), _key);
        }
    }

    /// <summary>Another number of 32 bits for each number of 32 bits: every step can be taken back, so no two become one.</summary>
    public static uint Scramble(uint number, uint key)
    {
        number = (number ^ key) * 0x9E3779B1;
        number = (number ^ (number >> 16)) * 0x85EBCA6B;
        number = (number ^ (number >> 13)) * 0xC2B2AE35;
        return number ^ (number >> 16);
    }
}

/// <summary>Visits every number below a bound once, in an order of its own.</summary>
internal struct Walk
{
    private readonly int _bound, _stride;
    private int _at;

    public Walk(int bound, ref DemoRandom random)
    {
        _bound = bound;
        _at = random.Below(bound);
        do
        {
            _stride = 1 + random.Below(bound);
        }
        while (Common(_stride, bound) != 1);
    }

    public int Next() => _at = (int)(((long)_at + _stride) % _bound);

    // A stride that has no divisor in common with the bound comes by every number.
    private static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);
}
