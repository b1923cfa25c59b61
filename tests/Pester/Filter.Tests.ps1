BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $client = Start-BitswapNode

    function Start-Filtered([scriptblock] $Filter, [hashtable] $Option = @{}) {
        $node = Start-BitswapNode -Filter $Filter -Option $Option
        Connect-BitswapPeer $node -Node $client | Out-Null
        $node
    }
}
AfterAll { Clear-Nodes }

Describe 'Start-BitswapNode -Filter' {
    It 'decides by peer and by CID, with values of $using:' {
        $secret = (Get-BitswapCid 'secret').Cid
        $open = (Get-BitswapCid 'open').Cid
        $node = Start-Filtered { param($peer, $cid) $peer -and $cid -ne $using:secret }
        'secret', 'open' | Add-BitswapBlock -Node $node | Out-Null
        $open | Get-BitswapBlock -Node $client -AsString | Should -Be 'open'
        (Get-Failure { $secret | Get-BitswapBlock -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        $stat = Get-BitswapStat $node
        $stat.FilterDenied | Should -Be 1
        $stat.FilterFailed | Should -Be 0
        Stop-BitswapNode $node
    }

    It 'denies when the script throws, writes an error or says nothing' -ForEach @(
        @{ Script = { throw 'no' }; Failed = 1 }
        @{ Script = { Write-Error 'no'; $true }; Failed = 1 }
        @{ Script = { }; Failed = 0 }
    ) {
        $node = Start-Filtered $Script
        $block = "denied $([guid]::NewGuid())" | Add-BitswapBlock -Node $node
        (Get-Failure { $block.Cid | Get-BitswapBlock -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        (Get-BitswapStat $node).FilterDenied | Should -Be 1
        (Get-BitswapStat $node).FilterFailed | Should -Be $Failed
        Stop-BitswapNode $node
    }

    It 'stops a script that takes too long, denies, and the node goes on meanwhile' {
        $node = Start-Filtered { while ($true) { [Threading.Thread]::Sleep(5) } } @{ FilterTimeout = 0.3 }
        $block = "late $([guid]::NewGuid())" | Add-BitswapBlock -Node $node
        $want = $block.Cid | Start-BitswapWant -Node $client
        (Get-BitswapStat $node).Peers | Should -Be 1
        Wait-Until { (Get-BitswapStat $node).FilterLate -eq 1 }
        $want.State | Should -Be 'Wanted'
        $want | Stop-BitswapWant
        Stop-BitswapNode $node
    }

    It 'takes no longer than its time to stop a node whose script hangs' {
        $node = Start-Filtered { while ($true) { [Threading.Thread]::Sleep(5) } } @{ FilterTimeout = 60 }
        $want = New-UnknownCid | Start-BitswapWant -Node $client
        Wait-Until { (Get-BitswapStat $node).MessagesReceived -gt 0 }
        (Measure-Command { Stop-BitswapNode $node }).TotalSeconds | Should -BeLessThan 10
        $want | Stop-BitswapWant
    }
}

Describe 'Start-BitswapNode -Option' {
    It 'holds a sender to its rate of bytes a second: <Name>' -ForEach @(
        @{ Name = 'UploadRate' }
        @{ Name = 'PeerUploadRate' }
    ) {
        # a quarter of a second's worth may go at once, and the last reply, of two blocks, into debt: the other 700 KiB take 1.75 s
        $node = Start-BitswapNode -Option @{ $Name = 400KB }
        Connect-BitswapPeer $node -Node $client | Out-Null
        $random = [Random]::new(7)
        $cids = 1..10 | ForEach-Object {
            $data = [byte[]]::new(100KB)
            $random.NextBytes($data)
            (Add-BitswapBlock -InputObject $data -Node $node).Cid
        }
        $time = Measure-Command { @($cids | Get-BitswapBlock -Node $client -Raw).Count | Should -Be 10 }
        $time.TotalSeconds | Should -BeGreaterThan 1.6
        $time.TotalSeconds | Should -BeLessThan 20
        Stop-BitswapNode $node
        $cids | Remove-BitswapBlock -Node $client
    }

    It 'refuses a rate out of range' {
        (Get-Failure { Start-BitswapNode -Option @{ UploadRate = 1 } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }
}
