namespace Router.Core.Keys;

/// <summary>
/// Turns repeated failures into two events: it began, it is over. For use by one loop. At a start the first failure is a connection that is
/// still being made; only one after it is told.
/// </summary>
public sealed class OutageLog(Action<Exception> began, Action ended)
{
    private bool _starting = true;
    private bool _down;

    public void Failed(Exception exception)
    {
        if (_starting)
        {
            _starting = false;
            return;
        }

        if (!_down)
            began(exception);
        _down = true;
    }

    public void Succeeded()
    {
        if (_down)
            ended();
        (_starting, _down) = (false, false);
    }
}
