console.log('word')
