using Auie.Abstractions;
using Microsoft.AspNetCore.Http;

namespace Auie.Api;

/// <summary>
/// How many bytes of events may be inside at a time. A request that finds too many is refused before its body is read: a batch is divided among partitions, and
/// refusing it by parts would have it sent again for all.
/// </summary>
internal sealed class IntakeGate(AuieApiOptions options, TimeProvider time)
{
    private readonly IntakeTurns _turns = options.IntakeTurn >= TimeSpan.FromMilliseconds(1) && options.IntakeTurn <= TimeSpan.FromDays(1)
        ? new IntakeTurns(options.IntakeBytesAtOnce, options.IntakeTurn, time)
        : throw new InvalidOperationException($"Api:{nameof(AuieApiOptions.IntakeTurn)} is {options.IntakeTurn}; it is between a millisecond and a day.");
    private long _inside;

    /// <summary>Waits for the turn of a body that has come.</summary>
    public ValueTask<IntakeTurns.Turn> TurnAsync(RequestBytes body, CancellationToken cancellationToken) => _turns.TakeAsync(body.Memory.Length, cancellationToken);

    /// <exception cref="OverloadedException">There are too many.</exception>
    public async ValueTask<object?> Pass(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // Who does not say how many bytes come may send as many as a batch has.
        var bytes = context.HttpContext.Request.ContentLength ?? options.EventBatchBytes;
        if (Interlocked.Add(ref _inside, bytes) is var inside && inside > options.IntakeBytes && inside > bytes)
        {
            Interlocked.Add(ref _inside, -bytes);
            throw new OverloadedException($"{inside - bytes} bytes of events are inside; at most {options.IntakeBytes} may be.");
        }

        try
        {
            return await next(context);
        }
        finally
        {
            Interlocked.Add(ref _inside, -bytes);
        }
    }
}
