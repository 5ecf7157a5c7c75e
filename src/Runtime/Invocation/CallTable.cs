namespace Auie.Runtime.Invocation;

/// <summary>
/// Every call object that there is, in use or pooled, so that those which are overdue are found by looking at all of them now and then: a call costs
/// nothing here, where a timer or a list of the calls in flight would cost each of them.
/// </summary>
internal static class CallTable
{
    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static GrainCall?[] s_calls = new GrainCall?[1024];
    private static int s_used;

    public static void Add(GrainCall call)
    {
        lock (Gate)
        {
            if (!Free.TryPop(out var index))
            {
                index = s_used++;
                if (index == s_calls.Length)
                    Array.Resize(ref s_calls, index * 2);
            }

            s_calls[index] = call;
            call.TableIndex = index;
        }
    }

    public static void Remove(GrainCall call)
    {
        lock (Gate)
        {
            if (call.TableIndex < 0)
                return;
            s_calls[call.TableIndex] = null;
            Free.Push(call.TableIndex);
            call.TableIndex = -1;
        }
    }

    /// <summary>Fails the calls of a host that are overdue.</summary>
    public static void Expire(Hosting.GrainHost host, long now)
    {
        GrainCall?[] calls;
        int used;
        lock (Gate)
            (calls, used) = (s_calls, s_used);
        for (var i = 0; i < used; i++)
            calls[i]?.ExpireIfOverdue(host, now);
    }
}
