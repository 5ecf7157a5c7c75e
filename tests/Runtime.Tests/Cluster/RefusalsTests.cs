using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

public sealed class RefusalsTests
{
    [Fact]
    public void Who_comes_again_for_the_same_reason_is_told_of_once_in_ten_minutes_with_how_often()
    {
        var time = new ManualTime();
        var refusals = new Refusals(time);
        refusals.IsToBeTold("10.0.0.1", "no secret", out var untold).ShouldBeTrue();
        untold.ShouldBe(0);

        for (var again = 0; again < 3; again++)
            refusals.IsToBeTold("10.0.0.1", "no secret", out _).ShouldBeFalse();

        refusals.IsToBeTold("10.0.0.1", "another secret", out _).ShouldBeTrue();
        refusals.IsToBeTold("10.0.0.2", "no secret", out _).ShouldBeTrue();
        time.Advance(Refusals.Between);
        refusals.IsToBeTold("10.0.0.1", "no secret", out untold).ShouldBeTrue();
        untold.ShouldBe(3);
    }
}
